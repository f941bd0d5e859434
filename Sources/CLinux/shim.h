// What Swift's Glibc module hides: calls behind _GNU_SOURCE and calls without a libc wrapper.
#ifndef RELEASES_CLINUX_H
#define RELEASES_CLINUX_H

#include <gnu/libc-version.h>
#include <linux/capability.h>
#include <linux/fiemap.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

int renameat2(int old_dir, const char *old_name, int new_dir, const char *new_name,
              unsigned int flags);
int pipe2(int ends[2], int flags);
// Under another name, since <spawn.h> here would take over types that Glibc has in Swift.
int clinux_spawn_closing_from(void *actions, int from) __asm__(
    "posix_spawn_file_actions_addclosefrom_np");
int clinux_spawn_changing_to_path(void *actions, const char *path) __asm__(
    "posix_spawn_file_actions_addchdir_np");
int clinux_spawn_changing_to(void *actions, int directory) __asm__(
    "posix_spawn_file_actions_addfchdir_np");
int syncfs(int descriptor);
void *memmem(const void *text, size_t length, const void *part, size_t part_length);
void *memrchr(const void *bytes, int byte, size_t count);
int memfd_create(const char *name, unsigned int flags);
int setgroups(size_t count, const gid_t *groups);
long syscall(long number, ...);
int unshare(int flags);
// Under another name, since Swift does not import fork(2). Only for a process with one thread.
pid_t clinux_fork(void) __asm__("fork");
pid_t wait4(pid_t process, int *status, int options, struct rusage *usage);

enum { CLINUX_RENAME_NOREPLACE = 1 };
enum { CLINUX_O_PATH = 010000000 };
enum { CLINUX_F_SETPIPE_SZ = 1031 };
enum { CLINUX_MFD_CLOEXEC = 1 };
enum { CLINUX_SPAWN_SETSID = 0x80 };
// CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, PARENT_SETTID and CHILD_CLEARTID.
enum { CLINUX_THREAD_FLAGS = 0x3d0f00 };
enum { CLINUX_NEW_USERS = 0x10000000, CLINUX_NEW_PROCESSES = 0x20000000 };
enum { CLINUX_O_TMPFILE_BIT = 020000000 };

static inline int clinux_fstat(int file, void *status) {
  return (int)syscall(SYS_fstat, file, status);
}

// Leaves the session keyring for a new, empty one; see keyctl_join_session_keyring(3).
static inline int clinux_leave_keyring(void) {
  enum { JOIN_SESSION_KEYRING = 1 };
  return syscall(SYS_keyctl, JOIN_SESSION_KEYRING, (char *)0) < 0 ? -1 : 0;
}

static inline int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode,
                                 uint64_t resolve) {
  struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
  return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

// The fields of statx(2) up to the mount ID. They are spelled out because <linux/stat.h> would
// redefine names that Swift takes from Glibc.
struct clinux_statx {
  uint32_t mask;
  uint32_t block_size;
  uint64_t attributes;
  uint32_t others[32];
  uint64_t mount;
  uint64_t rest[13];
};

// Gets the ID of the mount that a file was opened through, from statx(2) since Linux 5.8.
static inline int clinux_mount_of_statx(int file, uint64_t *mount) {
  enum { MOUNT = 0x1000, EMPTY_PATH = 0x1000 };
  struct clinux_statx facts = {0};
  if (syscall(SYS_statx, file, "", EMPTY_PATH, MOUNT, &facts) != 0) return -1;
  *mount = facts.mount;
  return (facts.mask & MOUNT) != 0 ? 0 : -1;
}

// Gets the same ID from name_to_handle_at(2). A handle of size 0 makes the call fail with EOVERFLOW
// after it has stored the mount ID.
static inline int clinux_mount_of_handle(int file, uint64_t *mount) {
  enum { EMPTY_PATH = 0x1000 };
  struct {
    uint32_t size;
    int32_t type;
  } handle = {0};
  int number = -1;
  syscall(SYS_name_to_handle_at, file, "", &handle, &number, EMPTY_PATH);
  *mount = (uint64_t)number;
  return number >= 0 ? 0 : -1;
}

enum { CLINUX_IMMUTABLE = 0x10, CLINUX_APPEND_ONLY = 0x20 };

// Gets the attributes of a path, or of a link itself, from statx(2); 0 when they are unknown.
static inline uint64_t clinux_attributes(const char *path) {
  enum { HERE = -100, NO_FOLLOW = 0x100 };
  struct clinux_statx facts = {0};
  return syscall(SYS_statx, HERE, path, NO_FOLLOW, 0, &facts) == 0 ? facts.attributes : 0;
}

// The raw call: the C library tries faccessat2(2) first, and EPERM from a container's profile would
// look like an answer of the file system.
static inline int clinux_faccessat(int directory, const char *name, int mode) {
  return (int)syscall(SYS_faccessat, directory, name, mode);
}

static inline int clinux_close_range(unsigned int first, unsigned int last) {
  return (int)syscall(SYS_close_range, first, last, 0);
}

// Finds the arguments of this process, which lie in memory right before its variables, see "Process
// Initialization" in the System V ABI. Without /proc there is no other source.
static inline char **clinux_arguments(char **environment, long *count) {
  char **end = environment - 1;
  for (long n = 0; n < 1 << 20; n++) {
    if ((long)(intptr_t)end[-n - 1] == n) {
      *count = n;
      return end - n;
    }
  }
  *count = 0;
  return end;
}

// Landlock; see landlock(7). The access rights are numbers of the kernel's interface, spelled in
// Swift: Debian's header knows only those of the first version.
struct clinux_landlock_rules {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;
  uint64_t scoped;
};

static inline int clinux_landlock_version(void) {
  return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static inline int clinux_landlock_create(uint64_t files, uint64_t network, uint64_t scoped,
                                         size_t size) {
  struct clinux_landlock_rules rules = {files, network, scoped};
  return (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
}

static inline int clinux_landlock_allow(int rules, int directory, uint64_t access) {
  struct landlock_path_beneath_attr beneath = {.allowed_access = access, .parent_fd = directory};
  return (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

static inline int clinux_landlock_restrict(int rules) {
  return (int)syscall(SYS_landlock_restrict_self, rules, 0);
}

static inline int clinux_no_new_privileges(void) {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static inline int clinux_not_dumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// See capget(2), which has no wrapper in the C library.
static inline int clinux_drop_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
  return (int)syscall(SYS_capset, &header, none);
}

// Returns 1 if any set of this process has a capability, 0 if none has, and -1 if capget(2)
// fails.
static inline int clinux_has_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};
  if (syscall(SYS_capget, &header, sets) != 0) return -1;
  uint32_t any = 0;
  for (int half = 0; half < _LINUX_CAPABILITY_U32S_3; half++)
    any |= sets[half].effective | sets[half].permitted | sets[half].inheritable;
  return any != 0;
}

// The worker ends with the process that started it.
static inline int clinux_end_with_parent(int signal) {
  return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0);
}

static inline int clinux_seccomp(const struct sock_filter *filter, unsigned short count) {
  struct sock_fprog program = {.len = count, .filter = (struct sock_filter *)filter};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static inline int clinux_seccomp_knows_kill(void) {
  uint32_t action = SECCOMP_RET_KILL_PROCESS;
  return (int)syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
}

// Files that share blocks; see ioctl_ficlone(2) and ioctl_fideduperange(2). Spelled out, since
// <linux/fs.h> here would take over names that Glibc has in Swift.
struct clinux_share_range {
  uint64_t source_offset;
  uint64_t length;
  uint16_t targets;
  uint16_t reserved1;
  uint32_t reserved2;
  int64_t target;
  uint64_t target_offset;
  uint64_t shared;
  int32_t status;
  uint32_t reserved3;
};

enum { CLINUX_CONTENT_DIFFERS = 1 };

static inline int clinux_share(int source, struct clinux_share_range *range) {
  return ioctl(source, _IOC(_IOC_READ | _IOC_WRITE, 0x94, 54, 24), range);
}

static inline int clinux_clone(int target, int source) {
  return ioctl(target, _IOW(0x94, 9, int), source);
}

// Where a file's content lies, see the kernel's Documentation/filesystems/fiemap.rst.
enum { CLINUX_EXTENTS = 32 };
struct clinux_extent_map {
  uint64_t start;
  uint64_t length;
  uint32_t flags;
  uint32_t mapped;
  uint32_t count;
  uint32_t reserved;
  struct fiemap_extent extents[CLINUX_EXTENTS];
};

static inline int clinux_map_extents(int file, struct clinux_extent_map *map) {
  return ioctl(file, _IOC(_IOC_READ | _IOC_WRITE, 'f', 11, 32), map);
}

static inline int clinux_terminal_columns(int descriptor) {
  struct winsize size = {0};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

// Extended attributes; see xattr(7): no Swift module includes <sys/xattr.h>.
ssize_t fgetxattr(int file, const char *name, void *value, size_t size);
ssize_t listxattr(const char *path, char *names, size_t size);
ssize_t getxattr(const char *path, const char *name, void *value, size_t size);
ssize_t flistxattr(int file, char *names, size_t size);
int fsetxattr(int file, const char *name, const void *value, size_t size, int flags);

enum { CLINUX_ST_NOEXEC = 8 };

#endif
