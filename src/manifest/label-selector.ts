/** Label selectors as API objects carry them (meta/v1 LabelSelector). */

type Labels = Readonly<Record<string, string | null>>;

export interface LabelSelector {
  readonly matchLabels?: Labels | null;
  readonly matchExpressions?: readonly Requirement[] | null;
}

export interface Requirement {
  readonly key: string;
  /** In, NotIn, Exists or DoesNotExist; another one selects nothing. */
  readonly operator: string;
  readonly values?: readonly string[] | null;
}

/** All requirements hold; a selector without any selects everything. */
export function selects({ matchLabels, matchExpressions }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels ?? {}).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value) &&
    (matchExpressions ?? []).every((requirement) => fulfils(labels, requirement))
  );
}

/** NotIn also holds for an object that does not have the label at all. */
export function fulfils(labels: Labels, { key, operator, values }: Requirement): boolean {
  const has = Object.hasOwn(labels, key);
  const isListed = has && (values ?? []).includes(labels[key] ?? "");
  switch (operator) {
    case "In":
      return isListed;
    case "NotIn":
      return !isListed;
    case "Exists":
      return has;
    case "DoesNotExist":
      return !has;
    default:
      return false;
  }
}
