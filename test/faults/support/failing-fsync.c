/* Preloaded: fsync and fdatasync of files whose name ends in FAIL_FSYNC_OF fail with EIO while FAIL_FSYNC_WHILE exists. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int fd) {
  const char *name = getenv("FAIL_FSYNC_OF"), *flag = getenv("FAIL_FSYNC_WHILE");
  if (name == NULL || flag == NULL || access(flag, F_OK) != 0) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  size_t suffix = strlen(name);
  return length >= (ssize_t)suffix && memcmp(path + length - suffix, name, suffix) == 0;
}

int fsync(int fd) {
  if (fails(fd)) { errno = EIO; return -1; }
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
  if (fails(fd)) { errno = EIO; return -1; }
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
