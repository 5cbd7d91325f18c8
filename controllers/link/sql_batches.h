// The batch of a step that is carried out in SQL Server. Pure.
#pragma once

#include "controllers/link/steps.h"
#include "core/base/result.h"
#include "core/sql/session.h"

namespace milink::link {

// kInternal for a step that belongs to Azure; else the errors of core/sql/statements.h.
Result<sql::SqlBatch> BatchOf(const Step& step);

}  // namespace milink::link
