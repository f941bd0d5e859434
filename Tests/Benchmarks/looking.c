/* What a look at a whole tree can't do without: the status of every name in it, on so many processors,
   each with its share of what is at the top. looking DIRECTORY PROCESSORS */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Every name, or one of so many. */
static int look(int descriptor, int share, int shares) {
  DIR *directory = fdopendir(descriptor);
  if (!directory) return 1;
  struct dirent *entry;
  int bad = 0;
  for (int number = 0; !bad && (entry = readdir(directory));) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    if (number++ % shares != share) continue;
    struct stat status;
    bad = fstatat(descriptor, entry->d_name, &status, AT_SYMLINK_NOFOLLOW);
    if (bad || !S_ISDIR(status.st_mode)) continue;
    int inner = openat(descriptor, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    bad = inner < 0 || look(inner, 0, 1);
  }
  return closedir(directory) != 0 || bad;
}

static int look_at_share(const char *path, int share, int shares) {
  int top = open(path, O_RDONLY | O_DIRECTORY);
  return top < 0 || look(top, share, shares);
}

int main(int count, char **words) {
  int shares = count == 3 ? atoi(words[2]) : 0;
  if (shares < 1) return 2;
  for (int share = 1; share < shares; share++) {
    pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) return look_at_share(words[1], share, shares);
  }
  int bad = look_at_share(words[1], 0, shares), status;
  while (wait(&status) > 0) bad = bad || status != 0;
  return bad;
}
