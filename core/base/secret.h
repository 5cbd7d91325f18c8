// A string that cannot be formatted, compared by accident or left in memory.
//
// There is no operator<<, no formatter and no conversion: Reveal() is the only way to the text, so
// every use can be found by searching for it. Wiped when destroyed or assigned over. Copyable,
// because a credential is shared by connections; each copy wipes itself. No thread rule.
#pragma once

#include <string>
#include <string_view>

namespace milink {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text);
  Secret(const Secret& other) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  std::string_view Reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool SameAs(const Secret& other) const { return text_ == other.text_; }

 private:
  void Wipe();

  std::string text_;
};

// Overwrites the bytes in a way the compiler keeps.
void WipeMemory(std::string& text);

}  // namespace milink
