/* Runs a program and makes one of its writes write only half of its bytes, as happens with a full
   pipe, a signal or a quota.

   short_write write|pwrite64 N PROGRAM ARGUMENT...

   N counts the calls of that name in the program's first thread, from 1. The exit status is that of the
   program. */

#include <elf.h>
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NUMBER(registers) ((registers).orig_rax)
#define COUNT(registers) ((registers).rdx)
#elif defined(__aarch64__)
#define NUMBER(registers) ((registers).regs[8])
#define COUNT(registers) ((registers).regs[2])
#else
#error "which registers hold a system call's number and its third argument?"
#endif

static void exchange(int request, pid_t child, struct user_regs_struct *registers)
{
  struct iovec place = {registers, sizeof *registers};
  if (ptrace(request, child, (void *)NT_PRSTATUS, &place)) err(125, "ptrace");
}

/* Returns whether this was the call to halve. */
static int halve(pid_t child, long name, long *left)
{
  struct user_regs_struct registers;
  exchange(PTRACE_GETREGSET, child, &registers);
  if ((long)NUMBER(registers) != name || --*left) return 0;
  COUNT(registers) /= 2;
  exchange(PTRACE_SETREGSET, child, &registers);
  return 1;
}

int main(int argc, char **argv)
{
  if (argc < 4) errx(125, "short_write write|pwrite64 N PROGRAM ARGUMENT...");
  long name = strcmp(argv[1], "write") ? SYS_pwrite64 : SYS_write, left = atol(argv[2]);
  pid_t child = fork();
  if (child < 0) err(125, "fork");
  if (!child) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    execvp(argv[3], argv + 3);
    err(127, "%s", argv[3]);
  }
  int status, is_entry = 0, is_done = 0;
  while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
    int number = WSTOPSIG(status);
    if (number == (SIGTRAP | 0x80)) {
      is_entry = !is_entry;
      if (is_entry) is_done = halve(child, name, &left);
      number = 0;
    } else if (number == SIGTRAP) {
      /* The program has been executed. */
      ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
      number = 0;
    }
    if (ptrace(is_done ? PTRACE_DETACH : PTRACE_SYSCALL, child, NULL, (void *)(long)number))
      err(125, "ptrace");
  }
  if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
  raise(WTERMSIG(status));
  return 128 + WTERMSIG(status);
}
