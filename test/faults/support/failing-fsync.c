/*
 * Preloaded: fsync and fdatasync of files whose name ends in FAIL_FSYNC_OF fail with EIO while FAIL_FSYNC_WHILE exists, and
 * writes to files whose path holds FULL_DISK_OF fail with ENOSPC while FULL_DISK_WHILE exists.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static ssize_t path_of(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  if (length >= 0) path[length] = '\0';
  return length;
}

static int is_full(int fd) {
  const char *part = getenv("FULL_DISK_OF"), *flag = getenv("FULL_DISK_WHILE");
  if (part == NULL || flag == NULL || access(flag, F_OK) != 0) return 0;
  char path[4096];
  return path_of(fd, path, sizeof path) > 0 && strstr(path, part) != NULL;
}

static int fails(int fd) {
  const char *name = getenv("FAIL_FSYNC_OF"), *flag = getenv("FAIL_FSYNC_WHILE");
  if (name == NULL || flag == NULL || access(flag, F_OK) != 0) return 0;
  char path[4096];
  ssize_t length = path_of(fd, path, sizeof path);
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

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  if (is_full(fd)) { errno = ENOSPC; return -1; }
  return ((ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64"))(fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  if (is_full(fd)) { errno = ENOSPC; return -1; }
  return ((ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite"))(fd, bytes, count, offset);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  if (is_full(fd)) { errno = ENOSPC; return -1; }
  return ((ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write"))(fd, bytes, count);
}
