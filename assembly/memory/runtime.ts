/**
 * The engine's runtime is the absence of one. Every entry that the compiler would call for a managed object stops the
 * build instead, so no string, array, closure or `new` of a managed class can slip into the data path.
 */

@global function __alloc(size: usize): usize {
  ERROR("the engine has no heap: carve memory in memory/arena.ts");
  return 0;
}

@global function __realloc(address: usize, size: usize): usize {
  ERROR("the engine has no heap: carve memory in memory/arena.ts");
  return 0;
}

@global function __free(address: usize): void {
  ERROR("the engine has no heap: carve memory in memory/arena.ts");
}

@global function __new(size: usize, id: u32): usize {
  ERROR("the engine has no managed objects: use an @unmanaged class over carved memory");
  return 0;
}

@global function __renew(address: usize, size: usize): usize {
  ERROR("the engine has no managed objects: use an @unmanaged class over carved memory");
  return 0;
}

@global function __link(parent: usize, child: usize, expectMultiple: bool): void {
  ERROR("the engine has no managed objects: use an @unmanaged class over carved memory");
}

@global function __collect(): void {
  ERROR("the engine has no managed objects: there is nothing to collect");
}
