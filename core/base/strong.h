// Distinct types for strings that look alike, so that a group name is never passed as a database.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace milink {

template <typename Tag>
class StrongString {
 public:
  StrongString() = default;
  explicit StrongString(std::string value) : value_(std::move(value)) {}

  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }

  auto operator<=>(const StrongString&) const = default;
  bool operator==(const StrongString&) const = default;

 private:
  std::string value_;
};

using DatabaseName = StrongString<struct DatabaseNameTag>;
using GroupName = StrongString<struct GroupNameTag>;              // of an AG or a distributed AG
using CertificateName = StrongString<struct CertificateNameTag>;  // as stored in SQL Server
using EndpointName = StrongString<struct EndpointNameTag>;
using ResourceId = StrongString<struct ResourceIdTag>;  // an Azure resource id

}  // namespace milink

template <typename Tag>
struct std::hash<milink::StrongString<Tag>> {
  std::size_t operator()(const milink::StrongString<Tag>& s) const noexcept {
    return std::hash<std::string>()(s.str());
  }
};
