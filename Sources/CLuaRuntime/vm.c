#include "CLuaRuntime.h"
