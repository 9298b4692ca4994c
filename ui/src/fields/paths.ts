/** A dotted path into a form's value, e.g. `party.id_no` or `items.0.result`. */
export type Path = string;
export type FormValue = Record<string, unknown>;

export function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const key of path.split('.')) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

/** The value with one place changed; everything else is shared with the old one. */
export function withValueAt<V>(value: V, path: Path, next: unknown): V {
  const [key, ...rest] = path.split('.');
  if (key === undefined) return value;
  const below = (value as Record<string, unknown> | undefined | null)?.[key];
  const changed = rest.length ? withValueAt(below ?? (isIndex(rest[0]) ? [] : {}), rest.join('.'), next) : next;
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? changed : item)) as V;
  const copy = { ...(value as Record<string, unknown>) };
  if (changed === undefined) delete copy[key];
  else copy[key] = changed;
  return copy as V;
}

const isIndex = (key: string | undefined) => key !== undefined && /^\d+$/.test(key);

export function idOf(path: Path): string {
  return `field-${path.replaceAll('.', '-')}`;
}
