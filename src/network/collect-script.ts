/** The shell script that collects a node's snapshot, on the node: it reads, and changes nothing. */

import { SNAPSHOT_FILES } from "./snapshot.ts";

/** What else belongs to a snapshot: the rules, and what they know. */
const RULE_FILES = {
  "rule.json": "ip -j rule",
  "rules.nft.json": "nft -j list ruleset",
  "rules.iptables-save": "iptables-save",
  "rules.ip6tables-save": "ip6tables-save",
  "ipset.txt": "ipset save",
} as const;

/** POSIX sh, for dash and BusyBox, too. A tool that is missing or not allowed costs its file and a line on stderr. */
export function collectScript(): string {
  const commands = Object.entries({ ...SNAPSHOT_FILES, ...RULE_FILES });
  return `${HEAD}${commands.map(([file, command]) => `collect ${file} ${command}\n`).join("")}${TAIL}`;
}

const HEAD = `#!/bin/sh
# Collects this node's network state for \`sluice --snapshot DIRECTORY\`. It only reads.
# Rules, connections and sets are shown to root alone; the other files need no privileges.
# usage: sh collect.sh DIRECTORY

set -u
if [ $# -ne 1 ] || [ -z "$1" ]; then
  echo "usage: sh $0 DIRECTORY" >&2
  exit 2
fi
directory=$1
mkdir -p "$directory" || exit 1
part=$directory/.part
errors=$directory/.errors
: >"$errors" || exit 1
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
files=0

# collect FILE COMMAND...: what the command prints becomes the file; if there is none, a line says why.
collect() {
  file=$1
  shift
  if ! command -v "$1" >/dev/null 2>&1; then
    echo "$file: left out: $1 is not installed" >&2
    return
  fi
  if "$@" >"$part" 2>"$errors"; then
    :
  elif [ "$1" = sysctl ] && [ -s "$part" ]; then
    echo "$file: incomplete: $(sed -n 1p "$errors")" >&2
  else
    echo "$file: left out: $*: $(sed -n 1p "$errors")" >&2
    return
  fi
  mv "$part" "$directory/$file" && files=$((files + 1))
}

`;

const TAIL = `
rm -f "$part" "$errors"
echo "$files files in $directory" >&2
`;
