/* What a look at a whole tree can't do without: the status of every name in it, in a process of its
   own. looking DIRECTORY */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int look(int descriptor) {
  DIR *directory = fdopendir(descriptor);
  if (!directory) return 1;
  struct dirent *entry;
  int bad = 0;
  while (!bad && (entry = readdir(directory))) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    struct stat status;
    bad = fstatat(descriptor, entry->d_name, &status, AT_SYMLINK_NOFOLLOW);
    if (bad || !S_ISDIR(status.st_mode)) continue;
    int inner = openat(descriptor, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    bad = inner < 0 || look(inner);
  }
  return closedir(directory) != 0 || bad;
}

int main(int count, char **words) {
  int top = count == 2 ? open(words[1], O_RDONLY | O_DIRECTORY) : -1;
  return top < 0 ? 2 : look(top);
}
