#include "core/runtime/shutdown.h"

#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace milink::runtime {

struct ShutdownSignals::Signals {
  Signals() : pipe_before(std::signal(SIGPIPE, SIG_IGN)), wake(eventfd(0, EFD_CLOEXEC)) {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &wanted, &before);
    signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  ~Signals() {
    close(signals);
    close(wake);
    std::signal(SIGPIPE, pipe_before);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // The next signal; 0 when woken by Wake or on an error that waiting does not mend.
  int Next() const {
    std::array<pollfd, 2> sources{{{signals, POLLIN, 0}, {wake, POLLIN, 0}}};
    for (;;) {
      if (poll(sources.data(), sources.size(), -1) < 0 && errno != EINTR) {
        return 0;
      }
      signalfd_siginfo info{};
      if (read(signals, &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
        return static_cast<int>(info.ssi_signo);
      }
      if ((sources[1].revents & POLLIN) != 0) {
        return 0;
      }
    }
  }

  void Wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake, &one, sizeof(one));
  }

  sigset_t before{};
  void (*pipe_before)(int);
  int wake;
  int signals = -1;
};

ShutdownSignals::ShutdownSignals(Logger log, std::function<void(int)> exit_now,
                                 std::function<void()> on_user_signal)
    : log_(std::move(log)),
      exit_now_(exit_now ? std::move(exit_now) : [](int signal) { std::_Exit(128 + signal); }),
      on_user_signal_(std::move(on_user_signal)),
      signals_(std::make_unique<Signals>()),
      thread_([this](const std::stop_token& end) { Watch(end); }) {}

ShutdownSignals::~ShutdownSignals() {
  thread_.request_stop();
  signals_->Wake();
  thread_.join();
}

void ShutdownSignals::Watch(const std::stop_token& end) {
  while (!end.stop_requested()) {
    const int signal = signals_->Next();
    if (signal == 0) {
      return;
    }
    if (signal == SIGUSR1) {
      if (on_user_signal_) {
        on_user_signal_();
      }
      continue;
    }
    if (stop_.stop_requested()) {
      log_.Warning("Got a second signal, leaving at once", {{"signal", signal}});
      exit_now_(signal);
      return;
    }
    log_.Info("Got a signal, stopping", {{"signal", signal}});
    stop_.request_stop();
  }
}

void ShutdownSignals::Wait() const {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stop_.get_token(), [] { return false; });
}

}  // namespace milink::runtime
