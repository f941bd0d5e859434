/* Opens the directories of a tree and gets the status of every file, which is the least that a check
   of a whole tree needs. Each processor gets its share of the names.
   stat_files TOP LIST PROCESSORS; the list has a line `DIRECTORY/NAME` for each file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *list;
static size_t length;

static int read_list(const char *path) {
  struct stat status;
  int file = open(path, O_RDONLY);
  if (file < 0 || fstat(file, &status) != 0) return -1;
  length = (size_t)status.st_size;
  list = malloc(length + 1);
  if (!list || read(file, list, length) != (ssize_t)length) return -1;
  list[length] = 0;
  return close(file);
}

/* Returns the first line that begins at this offset or after it. */
static char *line_at(size_t place) {
  if (place == 0) return list;
  char *end = memchr(list + place - 1, '\n', length - place + 1);
  return end ? end + 1 : list + length;
}

static int stat_lines(int top, char *line, const char *end) {
  const char *open_path = NULL;
  int directory = -1;
  while (line < end) {
    char *next = strchr(line, '\n');
    if (!next) return 1;
    *next = 0;
    char *slash = strrchr(line, '/');
    if (!slash) return 1;
    *slash = 0;
    if (!open_path || strcmp(open_path, line)) {
      if (directory >= 0) close(directory);
      directory = openat(top, line, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      open_path = line;
    }
    struct stat status;
    if (directory < 0 || fstatat(directory, slash + 1, &status, AT_SYMLINK_NOFOLLOW)) return 1;
    line = next + 1;
  }
  return 0;
}

int main(int count, char **words) {
  int shares = count == 4 ? atoi(words[3]) : 0, share = 0;
  int top = shares < 1 ? -1 : open(words[1], O_RDONLY | O_DIRECTORY);
  if (top < 0 || read_list(words[2]) != 0) return 2;
  for (int other = 1; share == 0 && other < shares; other++) {
    pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) share = other;
  }
  size_t part = length / (size_t)shares;
  const char *end = share + 1 == shares ? list + length : line_at(part * (size_t)(share + 1));
  int bad = stat_lines(top, line_at(part * (size_t)share), end), status;
  while (share == 0 && wait(&status) > 0) bad = bad || status != 0;
  return bad;
}
