/** The layout files of assembly/ are read by both compilers; here their integer types are numbers. */
declare type u32 = number;
