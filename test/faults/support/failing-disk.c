/*
 * Preloaded: a disk that fails.
 *   FAIL_FSYNC_OF, FAIL_FSYNC_WHILE  fsync and fdatasync of files whose name ends in the first fail with EIO while the second exists
 *   FULL_DISK_UNDER, FULL_DISK_WHILE  nothing makes a file below the first any longer (ENOSPC) while the second exists; what lies
 *                                     within a file's length is written as ever, as on a real disk
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

static ssize_t path_of(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  return readlink(link, path, size);
}

static int fsync_fails(int fd) {
  const char *name = getenv("FAIL_FSYNC_OF"), *flag = getenv("FAIL_FSYNC_WHILE");
  if (name == NULL || flag == NULL || access(flag, F_OK) != 0) return 0;
  char path[4096];
  ssize_t length = path_of(fd, path, sizeof path - 1);
  size_t suffix = strlen(name);
  return length >= (ssize_t)suffix && memcmp(path + length - suffix, name, suffix) == 0;
}

/* Whether the file may not become that long now. */
static int is_full(int fd, off_t end) {
  static __thread int asking;
  const char *folder = getenv("FULL_DISK_UNDER"), *flag = getenv("FULL_DISK_WHILE");
  if (folder == NULL || flag == NULL || asking) return 0;
  asking = 1;
  int full = 0, saved = errno;
  struct stat now;
  char path[4096];
  if (access(flag, F_OK) == 0 && fstat(fd, &now) == 0 && S_ISREG(now.st_mode) && end > now.st_size) {
    size_t prefix = strlen(folder);
    ssize_t length = path_of(fd, path, sizeof path - 1);
    full = length > (ssize_t)prefix && memcmp(path, folder, prefix) == 0;
  }
  errno = saved;
  asking = 0;
  return full;
}

static off_t here(int fd) {
  int saved = errno;
  off_t at = lseek(fd, 0, SEEK_CUR);
  errno = saved;
  return at < 0 ? 0 : at;
}

static int refused(void) {
  errno = ENOSPC;
  return -1;
}

int fsync(int fd) {
  if (fsync_fails(fd)) { errno = EIO; return -1; }
  return REAL(int, "fsync", int)(fd);
}

int fdatasync(int fd) {
  if (fsync_fails(fd)) { errno = EIO; return -1; }
  return REAL(int, "fdatasync", int)(fd);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  if (is_full(fd, here(fd) + (off_t)count)) return refused();
  return REAL(ssize_t, "write", int, const void *, size_t)(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
  if (is_full(fd, at + (off_t)count)) return refused();
  return REAL(ssize_t, "pwrite", int, const void *, size_t, off_t)(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  if (is_full(fd, at + (off_t)count)) return refused();
  return REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t)(fd, bytes, count, at);
}

int ftruncate(int fd, off_t length) {
  if (is_full(fd, length)) return refused();
  return REAL(int, "ftruncate", int, off_t)(fd, length);
}

int ftruncate64(int fd, off64_t length) {
  if (is_full(fd, length)) return refused();
  return REAL(int, "ftruncate64", int, off64_t)(fd, length);
}

int fallocate(int fd, int mode, off_t at, off_t length) {
  if (is_full(fd, at + length)) return refused();
  return REAL(int, "fallocate", int, int, off_t, off_t)(fd, mode, at, length);
}

int posix_fallocate(int fd, off_t at, off_t length) {
  if (is_full(fd, at + length)) return ENOSPC;
  return REAL(int, "posix_fallocate", int, off_t, off_t)(fd, at, length);
}
