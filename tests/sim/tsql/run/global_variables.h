// @@SERVERNAME and the like.
#pragma once

#include <string>

#include "tests/sim/tsql/run/environment.h"

namespace milink::sim::tsql {

// `name` in lower case with its at signs. Unknown: 137.
Compiled CompileGlobalVariable(const std::string& name);

// The text of @@VERSION.
std::string VersionText(const SqlServerInstance& instance);

}  // namespace milink::sim::tsql
