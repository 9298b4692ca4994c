import type { FlagRow } from '@/generated/terminal';

export type FlagGroup = 'people' | 'case' | 'evidence' | 'crime' | 'property' | 'inspection';

/** The marks that procedures ask about; a text mark holds words, the others yes or no. */
export const flagGroups: Record<FlagGroup, string[]> = {
  people: ['recusal_requested', 'hearing_requested', 'hearing_waived'],
  case: [
    'public_interest',
    'social_impact',
    'complex',
    'review_disagreement',
    'review_coordinated',
    'outside_benchmark',
    'serious_harm',
  ],
  evidence: [
    'electronic_monitoring',
    'electronic_monitoring_reviewed',
    'fined_same_act',
    'same_act_checked',
    'repeated_overload',
    'new_facts',
    'av_exception',
    'av_copied',
    'disc_filed',
  ],
  crime: [
    'suspected_crime',
    'crime_transfer_approved',
    'crime_transfer_refused',
    'police_filed',
    'police_not_filed',
    'items_handed_over',
  ],
  property: ['cash_handed_in', 'cash_banked', 'rectified', 'announced'],
  inspection: ['enterprise_visit', 'code_filed'],
};

export const textFlags: ReadonlySet<string> = new Set(['av_exception']);

export const isSet = (value: unknown): boolean => ![undefined, null, false, ''].includes(value as never);

/** Marks in force, with those that a pack uses and this list does not know. */
export const marksInForce = (flags: FlagRow[]): FlagRow[] => flags.filter(({ value }) => isSet(value));
