#include "tests/bench/hand_over.h"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "tests/bench/figures.h"

namespace milink::bench {
namespace {

constexpr char kStandsBy[] = "Standing by";
constexpr char kLeads[] = "Became the leader";
constexpr int kCrashes = 5;
// A crash is measured at another point between two renewals each time.
constexpr Duration kStep = std::chrono::milliseconds(400);

using Operator = std::unique_ptr<OperatorProcess>;

Operator Start(Cluster& cluster, int number, const char* until) {
  auto program =
      cluster.StartOperator("contender-" + std::to_string(number) + ".log", Cluster::Election::kOn);
  program->WaitForLine(until);
  return program;
}

template <typename End>
double SecondsUntilNextLeads(OperatorProcess& next, const End& end) {
  const auto start = std::chrono::steady_clock::now();
  end();
  next.WaitForLine(kLeads);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

void MeasureHandOver(Cluster& cluster) {
  int number = 0;
  Operator leader = Start(cluster, number++, kLeads);
  std::vector<double> crashes;
  for (int i = 0; i < kCrashes; ++i) {
    Operator next = Start(cluster, number++, kStandsBy);
    e2e::Pause(i * kStep);
    crashes.push_back(SecondsUntilNextLeads(*next, [&] { leader->Kill(); }));
    leader = std::move(next);
  }
  PrintFigure("hand_over_after_crash_median", Percentile(crashes, 0.5), "s", 17);
  PrintFigure("hand_over_after_crash_longest", Percentile(crashes, 1), "s", 24);
  const Operator next = Start(cluster, number, kStandsBy);
  PrintFigure("hand_over_voluntary", SecondsUntilNextLeads(*next, [&] { leader->Stop(); }), "s", 2);
  next->Stop();
}

}  // namespace milink::bench
