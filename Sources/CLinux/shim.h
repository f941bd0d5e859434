// What Swift's Glibc module hides: calls behind _GNU_SOURCE and calls without a libc wrapper.
#ifndef RELEASES_CLINUX_H
#define RELEASES_CLINUX_H

#include <linux/openat2.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

int renameat2(int old_dir, const char *old_name, int new_dir, const char *new_name,
              unsigned int flags);
int syncfs(int descriptor);
int setgroups(size_t count, const gid_t *groups);
long syscall(long number, ...);

enum { CLINUX_RENAME_NOREPLACE = 1 };
enum { CLINUX_O_PATH = 010000000 };
enum { CLINUX_O_TMPFILE_BIT = 020000000 };

static inline int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode,
                                 uint64_t resolve) {
  struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
  return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

static inline int clinux_terminal_columns(int descriptor) {
  struct winsize size = {0};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

#endif
