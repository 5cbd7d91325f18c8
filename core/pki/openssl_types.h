// Owners of OpenSSL's objects. Inside core/pki only.
#pragma once

#include <memory>
#include <string>

#include "core/base/secret.h"

namespace milink::pki {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

// Wipes what it guards when it goes away.
class Wiper {
 public:
  explicit Wiper(std::string& text) : text_(text) {}
  ~Wiper() { WipeMemory(text_); }
  Wiper(const Wiper&) = delete;
  Wiper& operator=(const Wiper&) = delete;

 private:
  std::string& text_;
};

}  // namespace milink::pki
