/** What common errors of the kernel mean, in words: for messages, beside the name that a person can look up. Pure. */
const words: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBUSY: "busy: something is using it",
  EEXIST: "it is there already",
  EINVAL: "not valid",
  EIO: "the device failed",
  EISDIR: "is a folder",
  ELOOP: "too many symbolic links",
  EMFILE: "too many open files in this process",
  ENAMETOOLONG: "the name is too long",
  ENETUNREACH: "no route there",
  ENFILE: "too many open files on this machine",
  ENOENT: "no such file or directory",
  ENOMEM: "no memory left",
  ENOSPC: "no space left on the disk",
  ENOTDIR: "not a folder",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ETXTBSY: "the program is being written",
};

/** `no such file or directory (ENOENT)`; what is not known stays as it is. */
export const errnoWords = (errno: string): string => (words[errno] ? `${words[errno]} (${errno})` : errno);
