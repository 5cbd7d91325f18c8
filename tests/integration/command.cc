#include "tests/integration/command.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace milink::test {
namespace {

// A file in memory as standard stream: no pipe, so nothing can fill up and nobody who inherited an
// end can keep us waiting.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("command", MFD_CLOEXEC)) {}
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int fd() const { return fd_; }

  void Fill(const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t n = write(fd_, text.data() + done, text.size() - done);
      if (n <= 0) {
        return;
      }
      done += static_cast<std::size_t>(n);
    }
    lseek(fd_, 0, SEEK_SET);
  }

  std::string Content() {
    lseek(fd_, 0, SEEK_SET);
    std::string text;
    std::string block(65'536, '\0');
    for (;;) {
      const ssize_t n = read(fd_, block.data(), block.size());
      if (n <= 0) {
        return text;
      }
      text.append(block, 0, static_cast<std::size_t>(n));
    }
  }

 private:
  int fd_;
};

int WaitFor(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) {
      return 127;
    }
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

CommandOutput RunCommand(const std::vector<std::string>& args, const std::string& input) {
  MemoryFile in;
  MemoryFile out;
  MemoryFile err;
  in.Fill(input);

  std::vector<std::string> copies = args;
  std::vector<char*> argv;
  argv.reserve(copies.size() + 1);
  for (std::string& arg : copies) {
    argv.push_back(arg.data());
  }
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.fd(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.fd(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.fd(), STDERR_FILENO);
  pid_t pid = 0;
  const int failure = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) {
    return {127, "", args.front() + ": " + std::strerror(failure)};
  }

  CommandOutput output;
  output.exit_code = WaitFor(pid);
  output.out = out.Content();
  output.err = err.Content();
  return output;
}

}  // namespace milink::test
