#include "core/kube/name_resolver.h"

#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "core/kube/api_status.h"

namespace milink::kube {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

Error Unresolved(const std::string& host, const std::string& why) {
  return {ErrorKind::kTransient, std::string(kConnectionLost), "cannot resolve " + host, why};
}

}  // namespace

NameResult LookUpName(const std::string& host) {
  asio::io_context context;
  error_code error;
  const auto found = asio::ip::tcp::resolver(context).resolve(host, "", error);
  if (error || found.empty()) {
    return Unresolved(host, error.message());
  }
  std::vector<std::string> addresses;
  for (const auto& entry : found) {
    addresses.push_back(entry.endpoint().address().to_string());
  }
  return addresses;
}

struct NameResolver::Shared {
  explicit Shared(NameLookup function) : look_up(std::move(function)) {}

  void LookUp(const std::string& host) {
    const NameResult addresses = look_up(host);
    std::unique_lock lock(mutex);
    const auto asked = std::move(waiting.extract(host).mapped());
    lock.unlock();
    for (const OnAddresses& later : asked) {
      later(addresses);
    }
  }

  const NameLookup look_up;
  std::mutex mutex;
  std::map<std::string, std::vector<OnAddresses>> waiting;  // by host, while it is looked up
};

NameResolver::NameResolver(NameLookup look_up)
    : shared_(std::make_shared<Shared>(std::move(look_up))) {}

std::optional<NameResult> NameResolver::Get(const std::string& host, OnAddresses later) {
  error_code no_literal;
  asio::ip::make_address(host, no_literal);
  if (!no_literal) {
    return NameResult(std::vector{host});
  }
  const std::lock_guard lock(shared_->mutex);
  const auto [found, is_first] = shared_->waiting.try_emplace(host);
  found->second.push_back(std::move(later));
  if (!is_first) {
    return std::nullopt;
  }
  try {
    std::thread([shared = shared_, host] { shared->LookUp(host); }).detach();
  } catch (const std::system_error& no_thread) {
    shared_->waiting.erase(found);
    return NameResult(Unresolved(host, no_thread.what()));
  }
  return std::nullopt;
}

}  // namespace milink::kube
