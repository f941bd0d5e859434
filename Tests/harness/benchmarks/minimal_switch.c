/* Makes the calls of a journaled switch that change the disk or flush it, and nothing else: the least
   that a switch needs. Transaction.swift says why each of them is needed.
   minimal_switch DIRECTORY */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char bytes[4096];

static int must(int result, const char *call) {
  if (result >= 0) return result;
  perror(call);
  exit(1);
}

static void slot(int journal, off_t offset) {
  must((int)pwrite(journal, bytes, sizeof bytes, offset), "pwrite");
  must(fdatasync(journal), "fdatasync");
}

int main(int count, char **words) {
  if (count != 2 || chdir(words[1]) != 0) return 2;
  memset(bytes, 'x', sizeof bytes);
  int top = must(open(".", O_RDONLY | O_DIRECTORY), "open");
  int catalog = must(open("catalog", O_RDONLY | O_DIRECTORY), "open");
  int journal = must(open("journal", O_RDWR | O_CREAT, 0600), "open");
  int history = must(open("history", O_WRONLY | O_CREAT | O_APPEND, 0600), "open");
  /* The switch before this one did not flush these. */
  must(fdatasync(history), "fdatasync");
  must(fsync(catalog), "fsync");
  /* The intent. */
  slot(journal, sizeof bytes);
  int entry = must(openat(catalog, "next", O_WRONLY | O_CREAT | O_EXCL, 0600), "openat");
  must((int)write(entry, bytes, 400), "write");
  must(symlink("releases/1", "next-previous"), "symlink");
  must(symlink("releases/2", "next-current"), "symlink");
  must(rename("next-previous", "previous"), "rename");
  must(rename("next-current", "current"), "rename");
  must(fsync(entry), "fsync");
  must(fsync(top), "fsync");
  must(renameat(catalog, "next", catalog, "entry"), "renameat");
  /* Done. */
  slot(journal, 0);
  must((int)write(history, bytes, 500), "write");
  return 0;
}
