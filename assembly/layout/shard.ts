/** Connections are in classes: those that could compete for a tuple are of one. */

/** How many classes there are. */
export const CLASSES_LOG2: u32 = 6;
