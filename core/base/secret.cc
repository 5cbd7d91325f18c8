#include "core/base/secret.h"

#include <utility>

namespace milink {

void WipeMemory(std::string& text) {
  volatile char* p = text.data();
  for (std::size_t i = 0; i < text.size(); ++i) {
    p[i] = '\0';
  }
  text.clear();
}

// Short strings live inside the object, so moving a std::string leaves their bytes behind: every
// move here copies and wipes.
Secret::Secret(std::string text) : text_(text) { WipeMemory(text); }

// NOLINTNEXTLINE(performance-move-constructor-init)
Secret::Secret(Secret&& other) noexcept : text_(other.text_) { other.Wipe(); }

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    Wipe();
    text_ = other.text_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe();
    text_ = other.text_;
    other.Wipe();
  }
  return *this;
}

Secret::~Secret() { Wipe(); }

void Secret::Wipe() { WipeMemory(text_); }

}  // namespace milink
