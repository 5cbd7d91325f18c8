#include "core/kube/process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <map>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" {  // glibc 2.36 forgot
#include <sys/pidfd.h>
}

namespace milink::kube {
namespace {

constexpr std::size_t kOutputLimit = 1U << 20U;

class FileHandle {
 public:
  explicit FileHandle(int number) : number_(number) {}
  ~FileHandle() { Close(); }
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  int number() const { return number_; }
  void Close() {
    if (number_ >= 0) {
      ::close(std::exchange(number_, -1));
    }
  }

 private:
  int number_;
};

Error SystemError(const std::string& doing, int code) {
  return {ErrorKind::kTransient, "ProgramNotStarted", "cannot " + doing,
          std::generic_category().message(code)};
}

// "NAME=value" for all of ours, and those of the request instead.
std::vector<std::string> EnvironmentLines(const ProcessRequest& request) {
  std::map<std::string, std::string> all;
  for (char** line = environ; line != nullptr && *line != nullptr; ++line) {  // NOLINT
    const std::string text = *line;
    const auto equals = text.find('=');
    all[text.substr(0, equals)] = equals == std::string::npos ? "" : text.substr(equals + 1);
  }
  for (const auto& [name, value] : request.environment) {
    all[name] = value;
  }
  std::vector<std::string> lines;
  lines.reserve(all.size());
  for (const auto& [name, value] : all) {
    lines.emplace_back(name).append("=").append(value);
  }
  return lines;
}

// As exec wants it; lives as long as `lines`.
std::vector<char*> Pointers(std::vector<std::string>& lines) {
  std::vector<char*> pointers;
  pointers.reserve(lines.size() + 1);
  for (std::string& line : lines) {
    pointers.push_back(line.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

// Starts it in a process group of its own, so that it can be ended with its children.
Result<pid_t> Start(const ProcessRequest& request, int output) {
  std::vector<std::string> command{request.program};
  command.insert(command.end(), request.arguments.begin(), request.arguments.end());
  std::vector<std::string> environment = EnvironmentLines(request);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!request.gives_terminal) {
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  // Libraries open sockets that exec would hand on: a child could use our connections, and would
  // keep them open.
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  // A program that reads the terminal must stay in the foreground's group.
  const int group = request.gives_terminal ? 0 : POSIX_SPAWN_SETPGROUP;
  posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | group));
  pid_t process = 0;
  const int failure = ::posix_spawnp(&process, request.program.c_str(), &actions, &attributes,
                                     Pointers(command).data(), Pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failure == ENOENT || failure == EACCES || failure == ENOTDIR) {
    return Error{ErrorKind::kNotFound, "ProgramMissing", "cannot run " + request.program,
                 std::generic_category().message(failure)};
  }
  if (failure != 0) {
    return SystemError("run " + request.program, failure);
  }
  return process;
}

// What one run may take, and what is left of it.
class TimeLimit {
 public:
  TimeLimit(const ProcessRequest& request, const Clock& clock)
      : request_(request), clock_(clock), end_(clock.Monotonic() + request.timeout) {}

  // Until `file` has something to say.
  Status WaitFor(int file) const {
    std::array<pollfd, 2> wait{{{file, POLLIN, 0}, {stopped_.number(), POLLIN, 0}}};
    while (true) {
      const auto left = std::chrono::ceil<Duration>(end_ - clock_.Monotonic());
      const int ready =
          left.count() <= 0 ? 0 : ::poll(wait.data(), wait.size(), static_cast<int>(left.count()));
      if (ready > 0 && wait[1].revents != 0) {
        return Error{ErrorKind::kTransient, "ProgramStopped",
                     request_.program + " was not waited for any longer"};
      }
      if (ready > 0) {
        return OkStatus();
      }
      if (ready == 0 || errno != EINTR) {
        return Error{ErrorKind::kTransient, "ProgramTimeout",
                     request_.program + " did not finish within " +
                         std::to_string(request_.timeout.count()) + " ms"};
      }
    }
  }

 private:
  const ProcessRequest& request_;
  const Clock& clock_;
  const MonotonicTime end_;
  const FileHandle stopped_{::eventfd(0, EFD_CLOEXEC)};
  const std::stop_callback<std::function<void()>> on_stop_{
      request_.stop, [this] { static_cast<void>(::eventfd_write(stopped_.number(), 1)); }};
};

// Everything until the end of `input`.
Result<std::string> ReadAll(const ProcessRequest& request, const TimeLimit& limit, int input) {
  std::string text;
  std::array<char, 4096> bytes{};
  while (true) {
    if (Status ready = limit.WaitFor(input); !ready.ok()) {
      return std::move(ready).error();
    }
    const ssize_t count = ::read(input, bytes.data(), bytes.size());
    if (count < 0) {
      return SystemError("read from " + request.program, errno);
    }
    if (count == 0) {
      return text;
    }
    text.append(bytes.data(), static_cast<std::size_t>(count));
    if (text.size() > kOutputLimit) {
      return Error{ErrorKind::kInvalid, "ProgramOutputTooLong",
                   request.program + " printed more than 1 MiB"};
    }
  }
}

// A program may close its output and go on.
Status WaitForEnd(const TimeLimit& limit, pid_t process) {
  const FileHandle handle(::pidfd_open(process, 0));
  return handle.number() < 0 ? OkStatus() : limit.WaitFor(handle.number());
}

int ExitCode(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);  // NOLINT(hicpp-*)
}

}  // namespace

Result<ProcessOutput> RunProcess(const ProcessRequest& request, const Clock& clock) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return SystemError("make a pipe", errno);
  }
  const FileHandle input(ends[0]);
  FileHandle output(ends[1]);
  const TimeLimit limit(request, clock);
  const auto process = Start(request, output.number());
  output.Close();
  if (!process.ok()) {
    return process.error();
  }
  auto text = ReadAll(request, limit, input.number());
  if (text.ok()) {
    if (Status ended = WaitForEnd(limit, *process); !ended.ok()) {
      text = std::move(ended).error();
    }
  }
  if (!text.ok()) {
    ::kill(request.gives_terminal ? *process : -*process, SIGKILL);
  }
  const int exit_code = ExitCode(*process);
  if (!text.ok()) {
    return std::move(text).error();
  }
  return ProcessOutput{exit_code, *std::move(text)};
}

}  // namespace milink::kube
