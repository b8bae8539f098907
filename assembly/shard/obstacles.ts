/** What has happened in this shard that the others would have to know of: OBSTACLE_* of layout/shard.ts. */

let noted: u32 = 0;

/** Which obstacles there have been. */
export function obstacles(): u32 {
  return noted;
}

export function noteObstacle(obstacle: u32): void {
  noted |= obstacle;
}
