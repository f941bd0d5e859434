/* Measures the least time that writing a tree can take: the files are in memory, two threads create
   and write them and set their times, and syncfs(2) flushes them. Nothing is decoded, hashed,
   checked or recorded. This prints the seconds.

   write_files TREE EMPTY-DIRECTORY */

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 2 };

struct item {
  char *path, *content;
  size_t size, directory;
  int is_directory;
  struct timespec modified;
};

static struct item *items;
static size_t count, capacity, directories, prefix;
static int root;

static int load(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
  (void)walk;
  if (kind == FTW_D) directories++;
  if (strlen(path) <= prefix) return 0;
  if (count == capacity) {
    capacity = capacity ? 2 * capacity : 1024;
    items = realloc(items, capacity * sizeof *items);
    if (!items) err(1, "realloc");
  }
  struct item *item = &items[count++];
  *item = (struct item){.path = strdup(path + prefix + 1), .size = status->st_size,
                        .directory = directories, .is_directory = kind == FTW_D,
                        .modified = status->st_mtim};
  if (item->is_directory) return 0;
  item->content = malloc(item->size + 1);
  int file = open(path, O_RDONLY);
  if (file < 0 || read(file, item->content, item->size) != (ssize_t)item->size) err(1, "%s", path);
  close(file);
  return 0;
}

/* Each thread writes the files of every other directory. */
static void *write_share(void *number)
{
  char *open_path = NULL;
  int parent = root;
  for (struct item *item = items; item < items + count; item++) {
    if (item->is_directory || item->directory % THREADS != (size_t)number) continue;
    char *slash = strrchr(item->path, '/');
    if (slash) {
      char *path = strndup(item->path, slash - item->path);
      if (!open_path || strcmp(path, open_path)) {
        if (parent != root) close(parent);
        parent = openat(root, path, O_DIRECTORY | O_PATH);
      }
      free(open_path);
      open_path = path;
    }
    char *name = slash ? slash + 1 : item->path;
    int file = openat(slash ? parent : root, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (file < 0 || write(file, item->content, item->size) != (ssize_t)item->size)
      err(1, "%s", item->path);
    struct timespec times[2] = {item->modified, item->modified};
    if (futimens(file, times) || close(file)) err(1, "%s", item->path);
  }
  return NULL;
}

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
  if (argc != 3) errx(2, "write_files TREE EMPTY-DIRECTORY");
  prefix = strlen(argv[1]);
  root = open(argv[2], O_DIRECTORY);
  if (root < 0 || nftw(argv[1], load, 64, FTW_PHYS)) err(1, "%s", argv[1]);
  double start = now();
  for (struct item *item = items; item < items + count; item++)
    if (item->is_directory && mkdirat(root, item->path, 0755)) err(1, "%s", item->path);
  pthread_t threads[THREADS];
  for (size_t number = 0; number < THREADS; number++)
    if (pthread_create(&threads[number], NULL, write_share, (void *)number)) err(1, "thread");
  for (size_t number = 0; number < THREADS; number++) pthread_join(threads[number], NULL);
  if (syncfs(root)) err(1, "syncfs");
  printf("%.4f\n", now() - start);
}
