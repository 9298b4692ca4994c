import type { Place } from '@/generated/terminal';

export function emptyPlace(): Place {
  return {
    text: '',
    road_no: null,
    stake_km: null,
    stake_m: null,
    direction: null,
    latitude_e7: null,
    longitude_e7: null,
    division: null,
  };
}

/** What was typed as the `place` block, with every key the core asks for. */
export function placeFrom(block: Record<string, unknown> | undefined): Place {
  return { ...emptyPlace(), ...block } as Place;
}

/** Degrees × 10⁷ as people read them. */
export function degrees(e7: number): string {
  return (e7 / 1e7).toFixed(6);
}
