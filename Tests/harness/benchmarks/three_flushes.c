/* Writes and flushes 100 bytes three times, which is the least that a journal needs.
   three_flushes FILE */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **words) {
  char bytes[100];
  if (count != 2) return 2;
  int file = open(words[1], O_WRONLY | O_CREAT, 0600);
  if (file < 0) return 1;
  memset(bytes, 'x', sizeof bytes);
  for (int time = 0; time < 3; time++) {
    if (pwrite(file, bytes, sizeof bytes, 0) != sizeof bytes) return 1;
    if (fdatasync(file) != 0) return 1;
  }
  return close(file) == 0 ? 0 : 1;
}
