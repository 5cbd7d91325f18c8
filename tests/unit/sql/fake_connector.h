// Connections that exist only in a test: what a batch answers is a function. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/sql/session.h"

namespace milink::sql {

class FakeConnector final : public SqlConnector {
 public:
  using Answer = std::function<Result<SqlReply>(const std::string& batch)>;

  // A batch with this text blocks until it is cancelled; its outcome is unknown then, and the
  // session dead.
  static constexpr const char* kBlocks = "BLOCKS";

  explicit FakeConnector(Answer answer) : answer_(std::move(answer)) {}

  void FailConnect(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    connect_error_ = std::move(error);
  }
  // Every connection is lost; whoever uses it next finds out.
  void DropAll() { ++era_; }
  int connects() const { return connects_; }
  int open() const { return open_; }
  std::vector<std::string> batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
  }
  // Cancels all that blocks, as another user of its sessions may.
  void CancelBlocked() {
    const std::lock_guard lock(mutex_);
    ++cancels_;
    changed_.notify_all();
  }
  // Waits until this many batches block.
  void WaitForBlocked(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return blocked_ >= count; });
  }

  Result<std::unique_ptr<SqlSession>> Connect(const SqlTarget& /*target*/,
                                              Duration /*timeout*/) override {
    ++connects_;
    const std::lock_guard lock(mutex_);
    if (connect_error_) {
      return *connect_error_;
    }
    return std::make_unique<Session>(*this);
  }

 private:
  class Session final : public SqlSession {
   public:
    explicit Session(FakeConnector& owner) : owner_(owner), era_(owner.era_) { ++owner_.open_; }
    ~Session() override { --owner_.open_; }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Result<SqlReply> Run(const SqlBatch& batch, Duration /*timeout*/) override {
      if (era_ != owner_.era_) {
        dead_ = true;
        return Error{ErrorKind::kTransient, "OutcomeUnknown", "lost", ""};
      }
      const std::string text(batch.text.Reveal());
      {
        const std::lock_guard lock(owner_.mutex_);
        owner_.batches_.push_back(text);
      }
      if (text == kBlocks) {
        owner_.Block(cancelled_);
        dead_ = true;
        return Error{ErrorKind::kTransient, "OutcomeUnknown", "cancelled", ""};
      }
      return owner_.answer_(text);
    }
    void Cancel() override {
      const std::lock_guard lock(owner_.mutex_);
      cancelled_ = true;
      owner_.changed_.notify_all();
    }
    bool Dead() const override { return dead_; }

   private:
    FakeConnector& owner_;
    int era_;
    bool cancelled_ = false;  // guarded by the owner's mutex
    std::atomic<bool> dead_ = false;
  };

  void Block(const bool& cancelled) {
    std::unique_lock lock(mutex_);
    const int cancels = cancels_;
    ++blocked_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return cancelled || cancels_ != cancels; });
    --blocked_;
  }

  const Answer answer_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Error> connect_error_;
  std::vector<std::string> batches_;
  int blocked_ = 0;
  int cancels_ = 0;  // of all
  std::atomic<int> connects_ = 0;
  std::atomic<int> open_ = 0;
  std::atomic<int> era_ = 0;
};

}  // namespace milink::sql
