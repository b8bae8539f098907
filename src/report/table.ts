/** kubectl's tables: upper-case headers, columns padded with three spaces, no lines. */

const GAP = "   ";

/** Columns whose cells all look like numbers are aligned to the right, unless all are to be aligned to the left. */
export function table(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: "left" | "right" = "right",
): string {
  const columns = headers.map((header, column) => {
    const cells = rows.map((row) => row[column] ?? "");
    const width = cells.reduce((widest, cell) => Math.max(widest, cell.length), header.length);
    const numeric = cells.length > 0 && cells.every((cell) => /^[\d.,]+( ?[KMGT]i?B?)?$/.test(cell));
    return { width, numeric: numeric && numbers === "right" };
  });
  const line = (row: readonly string[]) =>
    columns
      .map(({ width, numeric }, column) => {
        const cell = row[column] ?? "";
        return numeric ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(GAP)
      .trimEnd();
  return `${[headers, ...rows].map(line).join("\n")}\n`;
}

/** 1234567 → "1,234,567". */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** 1234567 → "1.2 MB": powers of ten, as network people count. */
export function bytes(value: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  let amount = value;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${amount.toFixed(1)} ${units[unit]}`;
}
