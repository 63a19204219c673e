module hsha/peers/go

go 1.19
