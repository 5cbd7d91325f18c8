// An optional whose value lives on the heap: one pointer wide, whatever it holds. For what most
// objects do not have, in structs of which there are very many.
//
// Plain value (a copy copies the value), no thread rule. REQUIRES: has_value() before *, -> or
// value().
#pragma once

#include <cassert>
#include <concepts>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace milink {

template <typename T>
class Boxed {
 public:
  Boxed() = default;
  Boxed(std::nullopt_t /*nothing*/) {}  // NOLINT(google-explicit-constructor): as std::optional
  template <typename U = T>
    requires(std::constructible_from<T, U &&> && !std::same_as<std::remove_cvref_t<U>, Boxed>)
  Boxed(U&& value)  // NOLINT(google-explicit-constructor): as std::optional
      : value_(std::make_unique<T>(std::forward<U>(value))) {}
  Boxed(const Boxed& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
  Boxed(Boxed&& other) noexcept = default;
  Boxed& operator=(const Boxed& other) {
    Boxed copy(other);
    value_.swap(copy.value_);
    return *this;
  }
  Boxed& operator=(Boxed&& other) noexcept = default;
  ~Boxed() = default;

  [[nodiscard]] bool has_value() const { return value_ != nullptr; }
  explicit operator bool() const { return has_value(); }

  const T& value() const {
    assert(has_value());
    return *value_;
  }
  T& value() {
    assert(has_value());
    return *value_;
  }
  const T& operator*() const { return value(); }
  T& operator*() { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  // In place of what was there.
  T& emplace() {
    value_ = std::make_unique<T>();
    return *value_;
  }
  void reset() { value_.reset(); }

  friend bool operator==(const Boxed& a, const Boxed& b) {
    return a && b ? *a == *b : a.has_value() == b.has_value();
  }
  friend bool operator==(const Boxed& a, std::nullopt_t /*nothing*/) { return !a; }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace milink
