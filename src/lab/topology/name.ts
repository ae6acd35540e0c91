/** A lab's name: lower case, so that it reads the same as a namespace, a container id and a file name. */
export const labNameWant = "a name of lower-case letters, digits and dashes, at most 32 long";

const pattern = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

export const isLabName = (text: string): boolean => pattern.test(text);
