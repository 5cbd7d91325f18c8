#include "tests/e2e/process.h"

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace milink::e2e {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) {
    out.push_back(text.data());
  }
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> Environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!added.contains(text.substr(0, text.find('=')))) {
      out.push_back(text);
    }
  }
  for (const auto& [name, value] : added) {
    out.push_back(name + "=" + value);
  }
  return out;
}

}  // namespace

Process::Process(const Command& command) {
  // Everything that allocates comes before fork: the child may only call what is safe there.
  std::vector<std::string> arguments{command.program.string()};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment = Environment(command.environment);
  const auto argv = Pointers(arguments);
  const auto envp = Pointers(environment);
  const std::string log = command.log.string();
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) {
    throw std::runtime_error("fork failed");
  }
  if (pid_ > 0) {
    setpgid(pid_, pid_);  // both sides, so that neither runs before it
    return;
  }
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (getppid() != parent || file < 0) {
    _exit(127);
  }
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  execve(argv[0], argv.data(), envp.data());
  _exit(127);
}

Process::~Process() { Kill(); }

bool Process::Running() { return !Reap(WNOHANG).has_value(); }

void Process::Kill() {
  if (!code_ && pid_ > 0) {
    kill(-pid_, SIGKILL);  // with its children, whoever they run as
    Reap(0);
  }
}

void Process::Terminate() {
  if (!code_ && pid_ > 0) {
    kill(pid_, SIGTERM);
  }
}

void Process::Suspend() {
  int status = 0;
  if (!code_ && pid_ > 0 && kill(pid_, SIGSTOP) == 0) {
    waitpid(pid_, &status, WUNTRACED);
  }
}

void Process::Resume() {
  if (!code_ && pid_ > 0) {
    kill(pid_, SIGCONT);
  }
}

std::optional<int> Process::Wait(Duration timeout) {
  Eventually([this] { return !Running(); }, timeout, std::chrono::milliseconds(10));
  return code_;
}

std::optional<int> Process::Reap(int options) {
  int status = 0;
  if (!code_ && waitpid(pid_, &status, options) == pid_) {
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return code_;
}

void Pause(Duration duration) { std::this_thread::sleep_for(duration); }

}  // namespace milink::e2e
