/* A disk that records the order of writes and flushes, so that a test can cut the power at each
   point.

   recording_disk MIB DIRECTORY [fuse options]

   This serves DIRECTORY/disk, the file of a loop device, and DIRECTORY/control. These lines can be
   written to control:

     record             log every write and flush from here on; only once
     stop               log no more
     at N [I[:MASK]]... restore the disk as it was when recording began, then apply the first N
                        events of the log, and then single later writes; MASK, in hexadecimal,
                        has the 512-byte sectors of a write that arrived (the lowest bit is the
                        first). What was written since the last "at" is undone.

   Reading control returns the log, one line an event: "W offset length" or "F". */

#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fuse3/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>

enum { PAGE = 4096, SECTOR = 512 };

struct event {
  off_t offset;
  size_t length; /* 0 for a flush */
  char *data;
};

/* The pages of the disk before they were changed. */
struct undo {
  struct saved { size_t page; char data[PAGE]; } *saved;
  size_t count, capacity;
  unsigned char *is_saved; /* one byte for each page */
};

static char *disk;
static size_t disk_size;
static struct event *events;
static size_t event_count, event_capacity;
static struct undo recording, trial;
static struct undo *undo; /* where pages are saved before they change; none at first */
static int is_logging;
static size_t position; /* how many events of the log the disk has, without the trial */

static void *more(void *block, size_t size)
{
  block = realloc(block, size);
  if (!block) abort();
  return block;
}

static void save(struct undo *into, off_t offset, size_t length)
{
  if (!into->is_saved) into->is_saved = calloc(disk_size / PAGE, 1);
  for (size_t page = offset / PAGE; page <= (offset + length - 1) / PAGE; page++) {
    if (into->is_saved[page]) continue;
    into->is_saved[page] = 1;
    if (into->count == into->capacity) {
      into->capacity = into->capacity ? 2 * into->capacity : 64;
      into->saved = more(into->saved, into->capacity * sizeof *into->saved);
    }
    struct saved *saved = &into->saved[into->count++];
    saved->page = page;
    memcpy(saved->data, disk + page * PAGE, PAGE);
  }
}

static void undo_changes(struct undo *from)
{
  for (size_t n = 0; n < from->count; n++) {
    memcpy(disk + from->saved[n].page * PAGE, from->saved[n].data, PAGE);
    from->is_saved[from->saved[n].page] = 0;
  }
  from->count = 0;
}

static void put(const char *data, size_t length, off_t offset)
{
  if (undo) save(undo, offset, length);
  memcpy(disk + offset, data, length);
}

static void log_event(const char *data, size_t length, off_t offset)
{
  if (event_count == event_capacity) {
    event_capacity = event_capacity ? 2 * event_capacity : 256;
    events = more(events, event_capacity * sizeof *events);
  }
  struct event *event = &events[event_count++];
  *event = (struct event){.offset = offset, .length = length};
  if (length) event->data = memcpy(more(NULL, length), data, length);
}

/* Writes some sectors of a logged write to the disk. */
static void put_part(const struct event *event, unsigned long long mask)
{
  for (size_t sector = 0; sector * SECTOR < event->length; sector++)
    if (sector >= 64 || mask >> sector & 1)
      put(event->data + sector * SECTOR, SECTOR, event->offset + sector * SECTOR);
}

static int become(char *words)
{
  char *end;
  size_t wanted = strtoul(words, &end, 10);
  if (end == words || wanted > event_count) return -EINVAL;
  if (undo == &trial) undo_changes(&trial);
  if (undo != &trial || wanted < position) {
    undo_changes(&recording);
    position = 0;
  }
  undo = &recording;
  for (; position < wanted; position++)
    if (events[position].length) put_part(&events[position], ~0ULL);
  undo = &trial;
  while (*end == ' ') {
    char *word = end + 1;
    size_t index = strtoul(word, &end, 10);
    unsigned long long mask = ~0ULL;
    if (end == word || index >= event_count) return -EINVAL;
    if (*end == ':') mask = strtoull(end + 1, &end, 16);
    if (events[index].length) put_part(&events[index], mask);
  }
  return 0;
}

static int run_command(char *line)
{
  if (!strcmp(line, "record")) {
    if (undo) return -EBUSY;
    undo = &recording;
    is_logging = 1;
    return 0;
  }
  if (!strcmp(line, "stop")) {
    is_logging = 0;
    return 0;
  }
  return strncmp(line, "at ", 3) ? -EINVAL : become(line + 3);
}

static char *log_text(size_t *length)
{
  char *text = NULL;
  FILE *file = open_memstream(&text, length);
  if (!file) abort();
  for (size_t n = 0; n < event_count; n++)
    if (events[n].length)
      fprintf(file, "W %lld %zu\n", (long long)events[n].offset, events[n].length);
    else
      fputs("F\n", file);
  fclose(file);
  return text;
}

static int is_disk(const char *path) { return !strcmp(path, "/disk"); }

static int on_getattr(const char *path, struct stat *status, struct fuse_file_info *info)
{
  (void)info;
  memset(status, 0, sizeof *status);
  status->st_nlink = 1;
  if (!strcmp(path, "/")) status->st_mode = S_IFDIR | 0700;
  else if (is_disk(path)) { status->st_mode = S_IFREG | 0600; status->st_size = disk_size; }
  else if (!strcmp(path, "/control")) status->st_mode = S_IFREG | 0600;
  else return -ENOENT;
  return 0;
}

static int on_readdir(
  const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset, struct fuse_file_info *info,
  enum fuse_readdir_flags flags)
{
  (void)path, (void)offset, (void)info, (void)flags;
  fill(buffer, "disk", NULL, 0, 0);
  fill(buffer, "control", NULL, 0, 0);
  return 0;
}

static int on_open(const char *path, struct fuse_file_info *info)
{
  (void)path;
  info->direct_io = 1;
  return 0;
}

static int on_truncate(const char *path, off_t size, struct fuse_file_info *info)
{
  (void)path, (void)size, (void)info;
  return 0;
}

static int on_read(
  const char *path, char *buffer, size_t size, off_t offset, struct fuse_file_info *info)
{
  (void)info;
  char *text = NULL;
  size_t length = disk_size;
  if (!is_disk(path)) text = log_text(&length);
  if ((size_t)offset >= length) size = 0;
  else if (size > length - offset) size = length - offset;
  memcpy(buffer, (text ? text : disk) + offset, size);
  free(text);
  return size;
}

static int on_write(
  const char *path, const char *data, size_t size, off_t offset, struct fuse_file_info *info)
{
  (void)info;
  if (!is_disk(path)) {
    char *line = strndup(data, size);
    line[strcspn(line, "\n")] = 0;
    int result = run_command(line);
    free(line);
    return result ? result : (int)size;
  }
  if (offset < 0 || size > disk_size || (size_t)offset > disk_size - size) return -ENOSPC;
  put(data, size, offset);
  if (is_logging) log_event(data, size, offset);
  return size;
}

static int on_fsync(const char *path, int data_only, struct fuse_file_info *info)
{
  (void)data_only, (void)info;
  if (is_disk(path) && is_logging) log_event(NULL, 0, 0);
  return 0;
}

static const struct fuse_operations operations = {
  .getattr = on_getattr, .readdir = on_readdir, .open = on_open, .truncate = on_truncate,
  .read = on_read, .write = on_write, .fsync = on_fsync,
};

int main(int argc, char **argv)
{
  if (argc < 3) {
    fputs("recording_disk MIB DIRECTORY [fuse options]\n", stderr);
    return 2;
  }
  disk_size = strtoul(argv[1], NULL, 10) << 20;
  disk = mmap(NULL, disk_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
              -1, 0);
  if (!disk_size || disk == MAP_FAILED) {
    perror("recording_disk: mmap");
    return 1;
  }
  argv[1] = argv[0];
  return fuse_main(argc - 1, argv + 1, &operations, NULL);
}
