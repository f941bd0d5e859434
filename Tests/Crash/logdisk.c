/* A disk that remembers the order of what was written to it, so that a power cut can be tried at
   every point of it.

   logdisk MIB DIRECTORY [fuse options]

   serves DIRECTORY/disk, which a loop device can be put on, and DIRECTORY/control. Lines that are
   written to control:

     record             from here on every write and flush is logged; only once
     stop               no more is logged
     at N [I[:MASK]]... the disk becomes what it was when recording began, with the first N things
                        of the log, and on top of them single later writes; MASK, in hexadecimal,
                        says which 512-byte sectors of one arrived (the lowest bit is the first).
                        Whatever was written since the last "at" is forgotten.

   Reading control yields the log, a line each: "W offset length" or "F". */

#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fuse3/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>

enum { PAGE = 4096, SECTOR = 512 };

struct thing {
  off_t offset;
  size_t length; /* 0 for a flush */
  char *data;
};

/* What the disk held where it was changed, page by page. */
struct undo {
  struct saved { size_t page; char data[PAGE]; } *saved;
  size_t count, capacity;
  unsigned char *is_saved; /* a byte a page */
};

static char *disk;
static size_t disk_size;
static struct thing *things;
static size_t thing_count, thing_capacity;
static struct undo recording, trial;
static struct undo *undo; /* where what is about to change is saved; nowhere at first */
static int is_logging;
static size_t position; /* how much of the log the disk holds, beside the trial */

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

static void take_back(struct undo *from)
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

static void log_thing(const char *data, size_t length, off_t offset)
{
  if (thing_count == thing_capacity) {
    thing_capacity = thing_capacity ? 2 * thing_capacity : 256;
    things = more(things, thing_capacity * sizeof *things);
  }
  struct thing *thing = &things[thing_count++];
  *thing = (struct thing){.offset = offset, .length = length};
  if (length) thing->data = memcpy(more(NULL, length), data, length);
}

/* Puts some sectors of a logged write on the disk. */
static void put_part(const struct thing *thing, unsigned long long mask)
{
  for (size_t sector = 0; sector * SECTOR < thing->length; sector++)
    if (sector >= 64 || mask >> sector & 1)
      put(thing->data + sector * SECTOR, SECTOR, thing->offset + sector * SECTOR);
}

static int become(char *words)
{
  char *end;
  size_t wanted = strtoul(words, &end, 10);
  if (end == words || wanted > thing_count) return -EINVAL;
  if (undo == &trial) take_back(&trial);
  if (undo != &trial || wanted < position) {
    take_back(&recording);
    position = 0;
  }
  undo = &recording;
  for (; position < wanted; position++)
    if (things[position].length) put_part(&things[position], ~0ULL);
  undo = &trial;
  while (*end == ' ') {
    char *word = end + 1;
    size_t index = strtoul(word, &end, 10);
    unsigned long long mask = ~0ULL;
    if (end == word || index >= thing_count) return -EINVAL;
    if (*end == ':') mask = strtoull(end + 1, &end, 16);
    if (things[index].length) put_part(&things[index], mask);
  }
  return 0;
}

static int obey(char *line)
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
  for (size_t n = 0; n < thing_count; n++)
    if (things[n].length)
      fprintf(file, "W %lld %zu\n", (long long)things[n].offset, things[n].length);
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
    int result = obey(line);
    free(line);
    return result ? result : (int)size;
  }
  if (offset < 0 || size > disk_size || (size_t)offset > disk_size - size) return -ENOSPC;
  put(data, size, offset);
  if (is_logging) log_thing(data, size, offset);
  return size;
}

static int on_fsync(const char *path, int data_only, struct fuse_file_info *info)
{
  (void)data_only, (void)info;
  if (is_disk(path) && is_logging) log_thing(NULL, 0, 0);
  return 0;
}

static const struct fuse_operations operations = {
  .getattr = on_getattr, .readdir = on_readdir, .open = on_open, .truncate = on_truncate,
  .read = on_read, .write = on_write, .fsync = on_fsync,
};

int main(int argc, char **argv)
{
  if (argc < 3) {
    fputs("logdisk MIB DIRECTORY [fuse options]\n", stderr);
    return 2;
  }
  disk_size = strtoul(argv[1], NULL, 10) << 20;
  disk = mmap(NULL, disk_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
              -1, 0);
  if (!disk_size || disk == MAP_FAILED) {
    perror("logdisk: mmap");
    return 1;
  }
  argv[1] = argv[0];
  return fuse_main(argc - 1, argv + 1, &operations, NULL);
}
