// What a kernel's socket must know so that a dead peer is noticed.
#pragma once

namespace milink::kube {

// A peer that is gone is noticed within a minute, even when we have nothing to send. Best effort:
// the limits of requests and watches hold without it.
void WatchOverSocket(int socket);
// Nothing is there to read, not even the end.
bool IsQuiet(int socket);

}  // namespace milink::kube
