#include "tests/sim/tds/inbox.h"

#include <algorithm>
#include <utility>

namespace milink::sim::tds {

void Inbox::Push(Message message) {
  {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    UpdateCancelled();
  }
  changed_.notify_one();
}

void Inbox::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    UpdateCancelled();
  }
  changed_.notify_one();
}

std::optional<Message> Inbox::Pop() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !messages_.empty(); });
  if (messages_.empty()) {
    return std::nullopt;
  }
  Message message = std::move(messages_.front());
  messages_.pop_front();
  UpdateCancelled();
  return message;
}

void Inbox::UpdateCancelled() {
  cancelled_ = closed_ || std::ranges::any_of(messages_, [](const Message& m) {
                 return m.type == PacketType::kAttention;
               });
  cancelled_.notify_all();
}

}  // namespace milink::sim::tds
