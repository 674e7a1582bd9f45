package realtime

import (
	"testing"

	"readout/liveblog"
	"readout/realtime/brokertest"
)

func TestLocalBroker(t *testing.T) {
	t.Parallel()
	brokertest.Run(t, func(*testing.T) liveblog.Broker { return NewLocalBroker() })
}
