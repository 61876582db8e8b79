interface Group<Candidate> {
  key: string
  title: string
  candidates: Candidate[]
}

/** Groups as they are, but those of one candidate whom nobody has named share the last one: a group a photo is no grouping. */
export function singlesLast<Candidate extends { person: object | null }>(
  groups: readonly Group<Candidate>[],
  title: string,
): Group<Candidate>[] {
  const isSingle = ({ candidates: [first, ...more] }: Group<Candidate>): boolean =>
    first.person === null && more.length === 0
  const singles = groups.filter(isSingle)
  const shared = groups.filter((group) => !isSingle(group))
  if (singles.length === 0) return shared
  const candidates = singles.flatMap((group) => group.candidates)
  return [...shared, { key: '', title: shared.length === 0 ? '' : title, candidates }]
}
