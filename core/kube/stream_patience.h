// How long the open stream of a watch may stay as it is: silent, dripping an event, or, as a
// streaming list, without its end. HTTP/1.1 has no ping; bookmarks (about one a minute) keep a
// healthy watch from being silent, and a server that never sends one is not expected to.
//
// Not thread-safe. Times are of the monotonic clock.
#pragma once

#include "core/base/clock.h"

namespace milink::kube {

class StreamPatience {
 public:
  // `list_patience`: how long a streaming list may go without an event.
  StreamPatience(Duration silence_limit, Duration list_patience)
      : silence_limit_(silence_limit), list_patience_(list_patience) {}

  // `lifetime`: what the server was given until it ends the stream.
  void OnOpened(MonotonicTime now, Duration lifetime);
  // Bytes came, whatever they were; before the events that they complete.
  void OnBytes(MonotonicTime now);
  void OnEvent(MonotonicTime now);
  void OnBookmark() {
    saw_bookmark_ = true;
    quiet_streams_ = 0;
  }

  // When it ends, if nothing comes.
  MonotonicTime Deadline() const;
  MonotonicTime ListDeadline() const;  // of a streaming list; also when to complain of it
  // The deadline came: the stream is cut. True: the server sends bookmarks, and yet this stream and
  // the one before were without an event. It may be behind what was seen, as after a restore of its
  // store, and tells nothing until it has come that far.
  bool OnCut(MonotonicTime now);
  // The deadline of a list came: is it to be cut? Else it was only time to complain.
  bool IsListTooSlow(MonotonicTime now);

  MonotonicTime opened() const { return opened_; }

 private:
  bool SilenceMatters() const;
  MonotonicTime End() const;

  const Duration silence_limit_;
  const Duration list_patience_;

  Duration lifetime_{};
  MonotonicTime opened_;
  MonotonicTime progress_;      // the last whole event, or the first byte after it
  bool within_event_ = false;   // bytes came since the last whole event
  bool saw_bookmark_ = false;   // ever
  int silent_cuts_ = 0;         // while no bookmark was ever seen
  int quiet_streams_ = 0;       // cut in a row without an event
  MonotonicTime next_warning_;  // of a streaming list
};

}  // namespace milink::kube
