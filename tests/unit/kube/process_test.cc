#include "core/kube/process.h"

#include <future>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/unit/kube/temp_folder.h"

namespace milink::kube {
namespace {

using testing::HasSubstr;

// /bin/sh is here the program under test's own choice; RunProcess itself knows no shell.
ProcessRequest Script(const std::string& text) {
  ProcessRequest request;
  request.program = "/bin/sh";
  request.arguments = {"-c", text};
  return request;
}

class ProcessTest : public testing::Test {
 protected:
  Result<ProcessOutput> Run(const ProcessRequest& request) { return RunProcess(request, clock_); }
  SystemClock clock_;
  TempFolder folder_;
};

TEST_F(ProcessTest, GivesWhatWasPrintedAndTheExitCode) {
  const auto output = Run(Script("printf 'a\\nb'; exit 3"));
  ASSERT_TRUE(output.ok()) << ToString(output.error());
  EXPECT_EQ(output->out, "a\nb");
  EXPECT_EQ(output->exit_code, 3);
}

TEST_F(ProcessTest, ArgumentsAreNotInterpreted) {
  ProcessRequest request;
  request.program = "printf";  // found in PATH
  request.arguments = {"%s|", "$HOME; echo x", "a b", ""};
  EXPECT_EQ(Run(request)->out, "$HOME; echo x|a b||");
}

TEST_F(ProcessTest, VariablesAreAddedToOursOrReplaceThem) {
  ProcessRequest request = Script("printf '%s,%s' \"$MILINK_TEST\" \"${PATH:+set}\"");
  request.environment = {{"MILINK_TEST", "one"}, {"MILINK_TEST", "two"}};
  EXPECT_EQ(Run(request)->out, "two,set");
}

TEST_F(ProcessTest, StandardInputIsEmpty) { EXPECT_EQ(Run(Script("cat; echo end"))->out, "end\n"); }

// As a library opens a socket: without close-on-exec.
TEST_F(ProcessTest, NoOtherFileOfOursIsHandedOn) {
  const int file = ::fcntl(STDERR_FILENO, F_DUPFD, 100);
  const auto output = Run(Script("for f in /proc/self/fd/1??; do echo \"$f\"; done"));
  ::close(file);
  EXPECT_EQ(output->out, "/proc/self/fd/1??\n");
}

TEST_F(ProcessTest, ASignalIsAnExitCode) { EXPECT_EQ(Run(Script("kill -9 $$"))->exit_code, 137); }

TEST_F(ProcessTest, AMissingProgramIsNamed) {
  for (const std::string program : {"/nonexistent/login", "milink-no-such-program"}) {
    ProcessRequest request;
    request.program = program;
    const auto output = Run(request);
    EXPECT_EQ(output.error().reason, "ProgramMissing");
    EXPECT_THAT(output.error().message, HasSubstr(program));
  }
}

TEST_F(ProcessTest, AFileThatIsNoProgramIsMissingToo) {
  ProcessRequest request;
  request.program = folder_.Write("plain", "x");
  EXPECT_EQ(Run(request).error().reason, "ProgramMissing");
}

TEST_F(ProcessTest, K13ASlowProgramIsKilledWithItsChildren) {
  const std::string started = (folder_.path() / "child").string();
  ProcessRequest request = Script("sleep 1000 & echo $! > " + started + "; wait");
  request.timeout = std::chrono::milliseconds(300);
  EXPECT_EQ(Run(request).error().reason, "ProgramTimeout");
  const std::string state = "state=$(ps -o stat= -p $(cat " + started +
                            ") 2>/dev/null); case $state in ''|Z*) echo gone;; esac";
  EXPECT_EQ(Run(Script(state))->out, "gone\n");
}

TEST_F(ProcessTest, AProgramThatClosesItsOutputAndGoesOnIsKilledToo) {
  ProcessRequest request = Script("exec >&-; sleep 1000");
  request.timeout = std::chrono::milliseconds(100);
  EXPECT_EQ(Run(request).error().reason, "ProgramTimeout");
}

TEST_F(ProcessTest, AStopEndsIt) {
  std::stop_source stop;
  const std::string started = (folder_.path() / "started").string();
  ProcessRequest request = Script("touch " + started + "; sleep 1000");
  request.stop = stop.get_token();
  auto running = std::async(std::launch::async, [&] { return Run(request); });
  while (!std::filesystem::exists(started)) {
    std::this_thread::yield();
  }
  stop.request_stop();
  EXPECT_EQ(running.get().error().reason, "ProgramStopped");
}

TEST_F(ProcessTest, AFloodIsCutOff) {
  EXPECT_EQ(Run(Script("yes")).error().reason, "ProgramOutputTooLong");
}

}  // namespace
}  // namespace milink::kube
