#include "tests/integration/engine/load.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/random.h"
#include "core/kube/client.h"
#include "core/kube/http_transport.h"
#include "tests/integration/engine/engine_test.h"

namespace milink::test {
namespace {

constexpr double kDeleted = 0.25;  // of the objects
constexpr int kSizes = 100;

// Fisher and Yates, by our own Random: the same everywhere.
template <typename T>
void Shuffle(std::vector<T>& all, Random& random) {
  for (std::size_t left = all.size(); left > 1; --left) {
    std::swap(all[left - 1], all[random.Bits() % left]);
  }
}

}  // namespace

// Three rounds over a client's objects, each in another order: create, change, and change again or
// delete.
std::vector<Load::Steps> Load::Devise(const Plan& plan) {
  const auto random = MakeSeededRandom(plan.seed);
  std::vector<Steps> all(static_cast<std::size_t>(plan.clients));
  for (int client = 0; client < plan.clients; ++client) {
    std::vector<std::string> names;
    for (int i = client; i < plan.objects; i += plan.clients) {
      names.push_back("w" + std::to_string(i));
    }
    Steps& steps = all[static_cast<std::size_t>(client)];
    const auto size = [&] { return static_cast<int>(random->Bits() % kSizes); };
    Shuffle(names, *random);
    for (const auto& name : names) {
      steps.push_back({Step::What::kCreate, name, size()});
    }
    Shuffle(names, *random);
    for (const auto& name : names) {
      steps.push_back({Step::What::kChange, name, survivors_[name] = size()});
    }
    Shuffle(names, *random);
    for (const auto& name : names) {
      if (random->Uniform() < kDeleted) {
        steps.push_back({Step::What::kDelete, name});
        survivors_.erase(name);
      } else if (random->Uniform() < kDeleted) {
        steps.push_back({Step::What::kChange, name, survivors_[name] = size()});
      }
    }
    total_ += static_cast<int>(steps.size());
  }
  return all;
}

Load::Load(const kube::ClusterAccess& access, const Plan& plan) : steps_(Devise(plan)) {
  for (const Steps& steps : steps_) {
    clients_.emplace_back(
        [this, access, name = plan.namespace_name, &steps] { Work(access, name, steps); });
  }
}

Load::~Load() {
  stopping_ = true;
  for (auto& client : clients_) {
    client.join();
  }
}

void Load::Work(const kube::ClusterAccess& access, const std::string& namespace_name,
                const Steps& steps) {
  const SystemClock clock;
  auto dialer = kube::Dialer::Make(access, "milink-load/test", clock, Logger());
  if (!dialer.ok()) {
    return;  // `done` never reaches `total`
  }
  kube::HttpTransport transport(*std::move(dialer), clock, Logger());
  kube::Client client(transport);
  const auto attempt = [&](const Step& step) {
    const ObjectKey key{namespace_name, step.name};
    const nlohmann::json spec = {{"spec", {{"size", step.size}}}};
    switch (step.what) {
      case Step::What::kCreate: {
        const auto made = client.Create(kWidgetType, namespace_name,
                                        WidgetManifest(namespace_name, step.name, step.size));
        // An attempt whose answer was lost has made it.
        return made.ok() || made.error().reason == "AlreadyExists";
      }
      case Step::What::kChange:
        return client.MergePatch(kWidgetType, key, spec).ok();
      case Step::What::kDelete:
        return client.Delete(kWidgetType, key, "").ok();
    }
    return false;
  };
  for (const Step& step : steps) {
    while (!attempt(step)) {
      if (stopping_) {
        return;
      }
      Pause(Duration(20));
    }
    ++done_;
  }
}

}  // namespace milink::test
