/** The kernel as plugins, lab and agent see it: doors into network namespaces. */
export interface Kernel {
  readonly placeholder?: never;
}
