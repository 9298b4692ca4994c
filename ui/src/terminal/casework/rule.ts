/** Rules that people cite, e.g. `R-S1` or `2.E-3`; the engine's own names say nothing to them. */
export const isRuleOfLaw = (rule: unknown): rule is string =>
  typeof rule === 'string' && /^(R-|D\d|L\d|2\.E)/.test(rule);
