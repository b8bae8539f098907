/** Names of every sort, in the API server's words (apimachinery's util/validation and api/validate/content). Each returns all that is wrong. */

const LABEL_CHARACTERS_MAX = 63;
const SUBDOMAIN_CHARACTERS_MAX = 253;
const PORT_NAME_CHARACTERS_MAX = 15;
const NOTHING: readonly string[] = [];

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = `(${QUALIFIED})?`;

const LABEL_PATTERN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_PATTERN = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const LABEL_WORDS = withExamples(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  ["my-name", "123-abc"],
);
const SUBDOMAIN_WORDS = withExamples(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  ["example.com"],
);
const QUALIFIED_WORDS = withExamples(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED,
  ["MyName", "my.name", "123-abc"],
);
const LABEL_VALUE_WORDS = withExamples(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_VALUE,
  ["MyValue", "my_value", "12345"],
);

/** A DNS label (RFC 1123): what Services, namespaces, ports and hosts are called. */
export function labelFaults(text: string): readonly string[] {
  if (text.length <= LABEL_CHARACTERS_MAX && LABEL_PATTERN.test(text)) return NOTHING;
  const faults = text.length > LABEL_CHARACTERS_MAX ? [tooManyCharacters(LABEL_CHARACTERS_MAX)] : [];
  if (!LABEL_PATTERN.test(text)) faults.push(isSubdomain(text) ? "must not contain dots" : LABEL_WORDS);
  return faults;
}

/** A DNS subdomain (RFC 1123): the name of most objects. */
export function subdomainFaults(text: string): readonly string[] {
  if (text.length <= SUBDOMAIN_CHARACTERS_MAX && isSubdomain(text)) return NOTHING;
  const faults = text.length > SUBDOMAIN_CHARACTERS_MAX ? [tooManyCharacters(SUBDOMAIN_CHARACTERS_MAX)] : [];
  if (!isSubdomain(text)) faults.push(SUBDOMAIN_WORDS);
  return faults;
}

/** The name of a container's port (RFC 6335, section 5.1). */
export function portNameFaults(name: string): readonly string[] {
  const faults: string[] = [];
  if (name.length > PORT_NAME_CHARACTERS_MAX) faults.push(tooManyCharacters(PORT_NAME_CHARACTERS_MAX));
  if (!/^[-a-z0-9]+$/.test(name)) faults.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(name)) faults.push("must contain at least one letter (a-z)");
  if (name.includes("--")) faults.push("must not contain consecutive hyphens");
  if (/^-|-$/.test(name)) faults.push("must not begin or end with a hyphen");
  return faults;
}

/** `example.com/MyName`, the prefix optional: keys of labels and annotations, application protocols, load balancer classes. */
export function qualifiedNameFaults(text: string): readonly string[] {
  if (text.length <= LABEL_CHARACTERS_MAX && QUALIFIED_PATTERN.test(text)) return NOTHING;
  const parts = text.split("/");
  if (parts.length > 2) {
    return [
      `a valid label key ${QUALIFIED_WORDS} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? "";
  const faults = parts.length === 2 ? prefixFaults(parts[0] ?? "") : [];
  if (name === "") faults.push("name part must be non-empty");
  else if (name.length > LABEL_CHARACTERS_MAX) faults.push(`name part ${tooManyBytes(LABEL_CHARACTERS_MAX)}`);
  if (!QUALIFIED_PATTERN.test(name)) faults.push(`name part ${QUALIFIED_WORDS}`);
  return faults;
}

export function labelValueFaults(text: string): readonly string[] {
  const wellFormed = text === "" || QUALIFIED_PATTERN.test(text);
  if (wellFormed && text.length <= LABEL_CHARACTERS_MAX) return NOTHING;
  const faults = text.length > LABEL_CHARACTERS_MAX ? [tooManyBytes(LABEL_CHARACTERS_MAX)] : [];
  if (!wellFormed) faults.push(LABEL_VALUE_WORDS);
  return faults;
}

/** What stands between two slashes of a URL (IsPathSegmentName). */
export function pathSegmentFaults(text: string): readonly string[] {
  if (text === "." || text === "..") return [`may not be '${text}'`];
  return ["/", "%"].filter((mark) => text.includes(mark)).map((mark) => `may not contain '${mark}'`);
}

function prefixFaults(prefix: string): string[] {
  if (prefix === "") return ["prefix part must be non-empty"];
  return subdomainFaults(prefix).map((fault) => `prefix part ${fault}`);
}

function isSubdomain(text: string): boolean {
  return LABEL_PATTERN.test(text) || text.split(".").every((label) => LABEL_PATTERN.test(label));
}

function tooManyCharacters(count: number): string {
  return `must be no more than ${count} characters`;
}

/** The newer of the two packages counts the same in other words. */
function tooManyBytes(count: number): string {
  return `must be no more than ${count} bytes`;
}

/** RegexError, its comma before "or" included. */
function withExamples(words: string, pattern: string, examples: readonly string[]): string {
  const quoted = examples.map((example) => `'${example}', `).join(" or ");
  return `${words} (e.g. ${quoted}regex used for validation is '${pattern}')`;
}
