// What one link of a streaming list costs from the bytes of its event to the object in the cache:
// as the server sends it, with its managedFields and a report of eleven conditions.
#include <cstdint>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>

#include "core/api/codec.h"
#include "core/api/link_report.h"
#include "core/kube/informer.h"
#include "core/kube/watch_decoder.h"
#include "tests/gen/manifests.h"
#include "tests/gen/statuses.h"

namespace milink::bench {
namespace {

using nlohmann::json;

constexpr int kLinks = 1'000;
constexpr int kConditions = 11;
constexpr std::size_t kPiece = 32'768;  // as a connection hands them over

api::ManagedInstanceLinkStatus Report() {
  auto status = gen::FullLinkStatus();
  while (status.conditions.size() < kConditions) {
    api::Condition more = status.conditions.front();
    more.type = "Condition" + std::to_string(status.conditions.size());
    more.message = "waiting until both sides are ready; then: import the root authority";
    status.conditions.push_back(more);
  }
  status.observed_generation = 1;
  return status;
}

json FieldsOf(const json& value) {
  json fields = json::object();
  for (const auto& [key, inner] : value.items()) {
    fields["f:" + key] = inner.is_object() ? FieldsOf(inner) : json::object();
  }
  return fields;
}

std::string EventOf(int number) {
  json link = gen::AsStored(gen::LinkManifest("link" + std::to_string(number), {"sales"}));
  link["status"] = api::EncodeStatus(Report());
  link["status"].update(api::EncodeJournal(Report()));
  link["metadata"]["managedFields"] = {
      {{"manager", "kubectl"}, {"fieldsV1", FieldsOf(link["spec"])}},
      {{"manager", "milink-operator"}, {"fieldsV1", FieldsOf(link["status"])}}};
  return json{{"type", "ADDED"}, {"object", link}}.dump() + "\n";
}

Result<api::ManagedInstanceLink> Decode(const json& object) {
  auto link = api::DecodeLink(object);
  if (link.ok()) {
    api::ForgetReport(*link);
  }
  return link;
}

void ListDecode(benchmark::State& state) {
  std::string text;
  for (int i = 0; i < kLinks; ++i) {
    text += EventOf(i);
  }
  for (auto _ : state) {
    kube::Informer<api::ManagedInstanceLink> links("ManagedInstanceLink", Decode, Logger());
    kube::WatchDecoder decoder;
    for (std::size_t at = 0; at < text.size(); at += kPiece) {
      const Status fed =
          decoder.Feed(std::string_view(text).substr(at, kPiece),
                       [&links](kube::WatchEvent event) { links.Stage(std::move(event.object)); });
      if (!fed.ok()) {
        throw std::runtime_error(ToString(fed.error()));
      }
    }
    links.Replace("1");
    if (links.size() != kLinks) {
      throw std::runtime_error("a link is missing");
    }
  }
  state.counters["us_per_link"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kLinks / 1e6,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["bytes_per_link"] = static_cast<double>(text.size()) / kLinks;
}
BENCHMARK(ListDecode)->Unit(benchmark::kMillisecond)->MinTime(1.0);

}  // namespace
}  // namespace milink::bench
