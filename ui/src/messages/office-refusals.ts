import { say, textOf, type Args, type Wording } from './errors';

type Table = Record<string, [what: string, why: string, now: string]>;

/** Refusals of headquarters' acts, by the reason that stands in the answer. */
export const officeRefusalsZh: Table = {
  function: ['没有权限', '当前账号不担任办理这件事的岗位。', '请由相应岗位的人员办理。'],
  instrument_voided: ['文书已经作废', '作废的文书不能再审批、审核或者公示。', '请办理重新制发的文书。'],
  decided_before: ['这一级已经审批', '同一文书在同一级只审批一次。', '请在案卷中查看已有的意见。'],
  sent_back_before: ['已经退回或者不同意', '前一级没有同意，不能继续审批。', '请等承办人员重新制发后再办理。'],
  stage_not_asked: ['不需要这一级审批', '法规包没有为这种文书设这一级审批。', '请按要求的层级审批。'],
  stage_before: ['前一级还没有审批', '审批按层级进行。', '请先由前一级负责人审批。'],
  reviewer_not_qualified: [
    '没有法律职业资格',
    '从事法制审核应当取得法律职业资格（R-O8）。',
    '请由登记了资格证号的审核人员办理。',
  ],
  reviewer_is_handler: ['审核人员与承办人员是同一人', '承办案件的人不得审核本案（R-P7）。', '请换一位审核人员。'],
  not_a_submission: ['这份文书不是送审材料', '法制审核针对送审表提出意见。', '请打开案件的法制审核送审表。'],
  passed_before: ['已经审核通过', '同一送审材料通过后不再审核。', '内容有变的，请重新制发送审表。'],
  too_few_attendees: ['参加人不足', '集体讨论应当由两名以上负责人参加（R-O9）。', '请补充参加人。'],
  held_in_future: ['讨论时间还没有到', '只能记录已经进行的讨论。', '请核对讨论时间。'],
  decided_in_future: ['日期还没有到', '变更或者撤销决定的日期在今天之后。', '请核对日期。'],
  revoked_before: ['已经登记', '这个决定的变更或者撤销已经登记过。', '请在案卷中查看。'],
  discloser_is_handler: ['承办人员不能公示本案', '采集、审核、发布由不同的人负责（D1）。', '请由公示人员办理。'],
  page_not_reviewed: ['还没有经过公示审核', '公示前应当由另一人审核页面（D1）。', '请先由公示审核人员审核。'],
  released_by_reviewer: ['审核人不能自己发布', '公示由第二人发布（D1）。', '请由另一位公示人员发布。'],
  page_changed: ['页面与审核时不同', '审核以后内容、类别或者规则有变化。', '请重新审核页面。'],
  disclosed_before: ['已经公示', '同一决定只公示一次。', '需要更正的，请先撤回再公示。'],
  decision_revoked: ['决定已被变更或者撤销', '这样的决定不再公示（R-D2）。', '已经公示的请撤回并说明理由。'],
  basis_missing: ['没有公示依据', '每条公示都要写明依据（R-D3）。', '请填写依据。'],
  withdrawn_before: ['已经撤回', '这条公示已经从各载体撤下。', '请在公示列表中查看。'],
  registered_before: ['已经登记', '同一机关的这份监督文书已经登记过。', '请在机关事项中查看。'],
  answered_before: ['已经回复', '这份监督文书已经登记了回复。', '请在机关事项中查看。'],
  inspection_not_approved: ['检查还没有批准', '涉企行政检查应当先经负责人批准（L8）。', '请先审批检查申请。'],
  inspection_cap: [
    '超过年度检查次数',
    '今年对这家企业的检查已经达到上限。',
    '请核对检查计划；确有必要的按规定另行报批。',
  ],
  no_seal: ['还没有安装印章', '总部没有印章图像，做不出印模。', '请管理员安装印章图像，办法见“用印”。'],
  seal_not_wanted: ['这份文书不由机关盖章', '制发时确定的是另一种用印方式。', '请按制发时的方式用印。'],
  sealed_before: ['已经盖章', '同一份文书只盖一次。', '请在案卷中查看盖章记录。'],
  sealer_is_handler: ['承办人员不能为本案盖章', '盖章应当由没有承办本案的印章管理员办理。', '请换一位印章管理员。'],
  content_changed: ['内容与您看到的不同', '打开以后，这份文书的内容有变化。', '请关闭后重新打开，核对无误再盖章。'],
  seal_busy: ['印模编号刚被占用', '同一时间有另一份文书盖章或者终端领用印模。', '请再点一次“盖章”。'],
  sheets_handed_out_before: ['编号已经发放过', '这些编号中有已经登记发放的。', '请核对纸上的编号和领用台账。'],
};

export const officeRefusalsEn: Table = {
  function: ['No permission', 'Your account does not hold the function for this.', 'Ask a colleague who does.'],
  instrument_voided: ['The instrument is void', 'A voided one is not decided on.', 'Use the one issued in its place.'],
  decided_before: ['Decided already', 'Each stage decides once.', 'Look at the opinion in the case.'],
  sent_back_before: ['Sent back already', 'An earlier stage did not agree.', 'Wait until it is issued anew.'],
  stage_not_asked: ['This stage is not asked', 'The pack does not ask for it.', 'Decide at a stage that is asked.'],
  stage_before: ['An earlier stage is missing', 'Stages decide in their order.', 'Let the earlier stage decide first.'],
  reviewer_not_qualified: [
    'No legal qualification',
    'A reviewer needs a legal qualification (R-O8).',
    'Let a registered reviewer do it.',
  ],
  reviewer_is_handler: [
    'The reviewer handled the case',
    'Who handles a case does not review it (R-P7).',
    'Take another reviewer.',
  ],
  not_a_submission: [
    'This is no submission',
    'A review answers a submission form.',
    'Open the submission of the case.',
  ],
  passed_before: [
    'Passed already',
    'A submission that passed is not reviewed again.',
    'Issue a new one for new content.',
  ],
  too_few_attendees: ['Too few attendees', 'A deliberation has two heads or more (R-O9).', 'Add the attendees.'],
  held_in_future: ['That time has not come', 'Only what took place is recorded.', 'Check the time.'],
  decided_in_future: ['That date has not come', 'The date lies after today.', 'Check the date.'],
  revoked_before: ['Recorded already', 'The revocation is recorded.', 'Look at the case.'],
  discloser_is_handler: [
    'You handled this case',
    'Collecting, checking and releasing are apart (D1).',
    'Let another do it.',
  ],
  page_not_reviewed: [
    'The page was not checked',
    'A second person releases what a first checked (D1).',
    'Check it first.',
  ],
  released_by_reviewer: [
    'You checked this page',
    'The one who checks does not release (D1).',
    'Let a colleague release it.',
  ],
  page_changed: ['The page changed', 'It is not the one that was checked.', 'Check it again.'],
  disclosed_before: ['Disclosed already', 'A decision is disclosed once.', 'Withdraw it first to correct it.'],
  decision_revoked: ['The decision was revoked', 'It is not disclosed any more (R-D2).', 'Withdraw what is public.'],
  basis_missing: ['No basis', 'Each disclosure says on what it rests (R-D3).', 'Fill in the basis.'],
  withdrawn_before: ['Withdrawn already', 'It is gone from every channel.', 'Look at the list.'],
  registered_before: ['Registered already', 'This paper is known.', 'Look among the duties.'],
  answered_before: ['Answered already', 'An answer is recorded.', 'Look among the duties.'],
  inspection_not_approved: ['Not approved', 'An inspection is approved first (L8).', 'Approve the application first.'],
  inspection_cap: ['The yearly cap is reached', 'This enterprise was inspected often enough.', 'Check the plan.'],
  no_seal: ['No seal is installed', 'There is no image to make an impression from.', 'Have it installed, see “Seals”.'],
  seal_not_wanted: [
    'It is not sealed here',
    'It was issued with another way of sealing.',
    'Seal it the way it was issued for.',
  ],
  sealed_before: ['Sealed already', 'An instrument is sealed once.', 'Look at the case.'],
  sealer_is_handler: ['You handled this case', 'Who handles a case does not seal for it.', 'Let another keeper do it.'],
  content_changed: [
    'The content is not what you saw',
    'It changed after you opened it.',
    'Open it again and check it before sealing.',
  ],
  seal_busy: ['The number was just taken', 'Another paper was sealed at that moment.', 'Press “Seal” once more.'],
  sheets_handed_out_before: [
    'Handed out before',
    'Some of these numbers are in the ledger.',
    'Compare the sheets with the ledger.',
  ],
};

export function officeRefusal(table: Table, args: Args): Wording | null {
  const words = table[textOf(args, 'reason')];
  return words ? say(...words) : null;
}
