/** A progress bar on stderr, only where a person sits at a terminal. */

export interface Progress {
  readonly update: (bytes: number) => void;
  readonly stop: () => void;
}

const SILENT: Progress = { update: () => {}, stop: () => {} };
const UPDATES_PER_SECOND = 10;

export async function startProgress(totalBytes: number): Promise<Progress> {
  if (!process.stderr.isTTY || totalBytes === 0) return SILENT;
  const { Presets, SingleBar } = await import("cli-progress");
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: "{bar} {percentage} %  {eta_formatted} left",
      clearOnComplete: true,
      fps: UPDATES_PER_SECOND,
    },
    Presets.shades_classic,
  );
  bar.start(totalBytes, 0);
  return { update: (bytes) => bar.update(bytes), stop: () => bar.stop() };
}
